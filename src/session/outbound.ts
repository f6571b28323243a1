import { ARQ_STRATEGIES } from '../arq/registry.ts';
import type { Prng } from '../base/prng.ts';
import type { Bytes, Millis, PacketNumber, StreamOffset } from '../base/units.ts';
import { CONTROLLERS } from '../congestion/registry.ts';
import { DeliveryRate } from '../recovery/delivery-rate.ts';
import { LossRecovery } from '../recovery/loss-recovery.ts';
import type { RttEstimator } from '../recovery/rtt-estimator.ts';
import type { SentPacket } from '../recovery/sent-packet.ts';
import type { Ack } from '../wire/ack-frame.ts';
import { MIN_DATAGRAM } from '../wire/limits.ts';
import { earliest } from './endpoint.ts';
import type { PacketWriter } from './packet-writer.ts';
import { PathSize } from './path-size.ts';
import { type Piece, SendStream } from './send-stream.ts';
import type { SessionTerms } from './session-terms.ts';
import { lossRate, type SessionStats } from './stats.ts';

const MIB: Bytes = 1024 * 1024;
/** Bytes written ahead of what was sent: at least what a disk gives at once, at most what the fastest links take in a turn. */
const MIN_UNSENT: Bytes = MIB;
const MAX_UNSENT: Bytes = 4 * MIB;
/** Bytes kept until they are acknowledged, which bounds what is on its way on the longest and fattest of paths. */
const MAX_BUFFERED: Bytes = 48 * MIB;

/** What an outgoing half is made from. */
export interface OutboundOptions {
  readonly terms: SessionTerms;
  readonly rtt: RttEstimator;
  readonly prng: Prng;
  readonly firstNumber: PacketNumber;
  readonly stats: SessionStats;
  /** Hears of every packet that is lost; its DATA has been seen to. */
  readonly onLost: (packet: SentPacket) => void;
}

/** Datagrams that may leave back to back, however slow the path is. */
const BURST_DATAGRAMS = 2;
/** A datagram takes no more than this share of cwnd, so that a few are in flight and tell of each other's loss. */
const CWND_SHARE = 4;

/** The outgoing half of a session: our stream, and what credit, windows, pacing and loss recovery let out of it. */
export class Outbound {
  readonly stream = new SendStream();
  readonly recovery: LossRecovery;
  readonly pathSize: PathSize;
  readonly #rtt: RttEstimator;
  readonly #stats: SessionStats;
  #credit: StreamOffset;
  /** Pacing lets the next datagram with DATA out at this moment. */
  #pacedUntil: Millis | undefined;

  constructor({ terms, rtt, prng, firstNumber, stats, onLost }: OutboundOptions) {
    const strategy = ARQ_STRATEGIES[terms.arq];
    const delivery = new DeliveryRate();
    const pathSize = new PathSize(terms.sendLimit);
    const context = {
      get maxDatagram() {
        return pathSize.current;
      },
      startRate: terms.maxRate,
      rtt,
      delivery,
      prng,
    };
    this.pathSize = pathSize;
    this.#rtt = rtt;
    this.#stats = stats;
    this.#credit = terms.sendCredit;
    this.recovery = new LossRecovery({
      strategy,
      window: terms.window,
      controller: CONTROLLERS[terms.congestion](context),
      rtt,
      delivery,
      peerMaxAckDelay: strategy.acknowledgesEach ? 0 : terms.peerMaxAckDelay,
      backoffFactor: terms.backoffFactor,
      maxRate: terms.maxRate,
      minimumBurst: terms.minimumBurst ?? BURST_DATAGRAMS * MIN_DATAGRAM,
      firstNumber,
      fate: {
        onAcked: (packet) => {
          if (packet.data === undefined) return;
          this.stream.onAcked(packet.data);
          pathSize.onAcked(packet);
        },
        onLost: (packet) => {
          stats.packetsLost++;
          if (packet.data !== undefined) {
            this.stream.onLost(packet.data);
            pathSize.onLost(packet, this.recovery.sent.nextNumber);
          }
          onLost(packet);
        },
      },
    });
  }

  /** Bytes that may be written now: enough to be sent in the next round trip, and no more than memory has room for. */
  get room(): Bytes {
    const ahead = Math.min(MAX_UNSENT, Math.max(MIN_UNSENT, this.recovery.cwnd));
    return Math.min(ahead - this.stream.unsent, MAX_BUFFERED - this.stream.buffered);
  }

  /** There are bytes to send, and the peer has all that was sent and takes no more now. A path that is cut is something else. */
  get isHeldUp(): boolean {
    const { unsent, buffered, next } = this.stream;
    return unsent > 0 && unsent === buffered && next >= this.#credit;
  }

  /** The peer takes bytes below this offset; credit never shrinks. */
  grant(maximum: StreamOffset): void {
    this.#credit = Math.max(this.#credit, maximum);
  }

  /** False: it names packets or bytes that were never sent. */
  handleAck(now: Millis, number: PacketNumber, ack: Ack): boolean {
    if (!this.recovery.handleAck(now, number, ack)) return false;
    this.#stats.spuriousLosses = this.recovery.spuriousLosses;
    this.pathSize.handleAck(now, ack, this.#rtt.pto(0));
    return this.stream.onCumulative(ack.cumulative);
  }

  /** The largest datagram with DATA to send now. */
  get datagramSize(): Bytes {
    const { current } = this.pathSize;
    if (current <= MIN_DATAGRAM) return current;
    return Math.min(current, Math.max(MIN_DATAGRAM, Math.floor(this.recovery.cwnd / CWND_SHARE)));
  }

  /** The size of a probe of the path that goes now, while DATA may: it takes no turn of anything else. */
  nextSizeProbe(now: Millis): Bytes | undefined {
    return this.pathSize.nextProbe(now, this.stream.buffered, lossRate(this.#stats));
  }

  /** A probe of the path's size left. */
  onSizeProbe(now: Millis, number: PacketNumber, size: Bytes): void {
    this.recovery.onSizeProbe(now, number, size);
    this.pathSize.onProbeSent(now, number, size);
  }

  /** Whether a datagram with DATA may leave now, probes aside. */
  mayData(now: Millis): boolean {
    this.#pacedUntil = undefined;
    if (!this.stream.hasPending(this.#credit)) {
      this.recovery.onExhausted(this.datagramSize);
      return false;
    }
    const permission = this.recovery.permission(now, this.datagramSize);
    if (typeof permission === 'number') this.#pacedUntil = permission;
    return permission === 'now';
  }

  /** Another path: its delay, capacity and size are unknown. */
  resetPath(): void {
    this.recovery.resetPath();
    this.pathSize.reset(this.recovery.sent.nextNumber);
  }

  /** When something is due by itself; undefined: never. */
  get deadline(): Millis | undefined {
    return earliest(this.recovery.deadline(), this.#pacedUntil);
  }

  /** Writes the next DATA: what was lost first. Undefined: there was none. */
  writeData(writer: PacketWriter): Piece | undefined {
    const { next } = this.stream;
    return this.#write(writer, next, this.stream.take(writer.dataRoom, this.#credit));
  }

  /**
   * Writes what a probe carries (RFC 9002 section 6.2.4): what was lost, else new data, else the oldest again. The last of
   * them carries the oldest in any case: a peer that keeps no more holes answers to nothing else.
   */
  writeProbe(writer: PacketWriter): Piece | undefined {
    const { next } = this.stream;
    const mayTake = this.recovery.probes > 1 && (this.stream.hasLost || this.recovery.windowHasRoom);
    const piece = mayTake ? this.stream.take(writer.dataRoom, this.#credit) : undefined;
    return this.#write(writer, next, piece ?? this.stream.takeOldest(writer.dataRoom));
  }

  /** `next`: the first byte that had never been sent before the piece was taken. */
  #write(writer: PacketWriter, next: StreamOffset, piece: Piece | undefined): Piece | undefined {
    if (piece === undefined) return undefined;
    writer.writeData(piece, this.stream);
    this.#stats.dataSent++;
    if (piece.offset < next) this.#stats.dataResent++;
    return piece;
  }
}
