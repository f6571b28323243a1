import type { Millis, PacketNumber } from '../base/units.ts';
import type { Reordering } from '../recovery/reordering.ts';
import type { RttEstimator } from '../recovery/rtt-estimator.ts';
import type { SentPacket } from '../recovery/sent-packet.ts';
import type { SentPackets } from '../recovery/sent-packets.ts';
import type { ArqName } from '../wire/terms.ts';

/** What a strategy may look at when it judges. It keeps nothing itself. */
export interface Flight {
  /** The ARQ window, in packets with DATA. */
  readonly window: number;
  readonly sent: SentPackets;
  readonly rtt: RttEstimator;
  /** The largest number the peer acknowledged; undefined before the first ACK. */
  readonly largestAcked: PacketNumber | undefined;
  /** ACKs in a row that did not advance the cumulative offset while data was in flight. */
  readonly duplicateAcks: number;
  /** When the newest ack-eliciting packet was sent. */
  readonly lastSentAt: Millis;
  /** When something in flight was acknowledged last. */
  readonly lastAckedAt: Millis;
  /** Nothing waits to be sent: no later packet will show that one of these is lost. */
  readonly isTail: boolean;
  readonly peerMaxAckDelay: Millis;
  /** How far packets were seen to overtake each other. */
  readonly reordering: Reordering;
}

/** Packets that are lost, and the moment at which the next one will be if nothing is heard. */
interface LossVerdict {
  readonly lost: readonly SentPacket[];
  readonly lossTime?: Millis | undefined;
}

/** How one ARQ protocol differs from the others; everything else is shared (PROTOCOL.md, section "ARQ"). */
export interface ArqStrategy {
  readonly name: ArqName;
  /** The receiver keeps data that arrives ahead of a gap. */
  readonly keepsOutOfOrder: boolean;
  /** The receiver answers every ack-eliciting packet at once. */
  readonly acknowledgesEach: boolean;
  /** Packets with DATA that may be in flight, given the negotiated window. */
  windowLimit(window: number): number;
  /** After an ACK, or when `lossTime` came: who is lost. */
  detectLost(flight: Flight, now: Millis): LossVerdict;
  /** When the timer expires if nothing is heard, the span already backed off `backoff`-fold. */
  deadline(flight: Flight, backoff: number): Millis;
  /** When a short tail is worth a probe before that; undefined: it waits for the timer. Asked once for each tail. */
  earlyProbe?(flight: Flight): Millis | undefined;
  /** The timer expired: who is lost, and how many probes go out beyond the windows. */
  onTimeout(flight: Flight): { readonly lost: readonly SentPacket[]; readonly probes: number };
}
