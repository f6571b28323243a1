import { ARQ_STRATEGIES } from '../arq/registry.ts';
import type { Prng } from '../base/prng.ts';
import type { Bytes, Millis, PacketNumber, StreamOffset } from '../base/units.ts';
import { CONTROLLERS } from '../congestion/registry.ts';
import { initialWindow } from '../congestion/windows.ts';
import { DeliveryRate } from '../recovery/delivery-rate.ts';
import { LossRecovery } from '../recovery/loss-recovery.ts';
import type { RttEstimator } from '../recovery/rtt-estimator.ts';
import type { SentPacket } from '../recovery/sent-packets.ts';
import type { Ack } from '../wire/ack-frame.ts';
import { earliest } from './endpoint.ts';
import type { PacketWriter } from './packet-writer.ts';
import { type Piece, SendStream } from './send-stream.ts';
import type { SessionTerms } from './session-terms.ts';
import type { SessionStats } from './stats.ts';

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

/** The outgoing half of a session: our stream, and what credit, windows, pacing and loss recovery let out of it. */
export class Outbound {
  readonly stream = new SendStream();
  readonly recovery: LossRecovery;
  readonly #maxDatagram: Bytes;
  readonly #stats: SessionStats;
  #credit: StreamOffset;
  /** Pacing lets the next datagram with DATA out at this moment. */
  #pacedUntil: Millis | undefined;

  constructor({ terms, rtt, prng, firstNumber, stats, onLost }: OutboundOptions) {
    const strategy = ARQ_STRATEGIES[terms.arq];
    const { maxDatagram } = terms;
    const delivery = new DeliveryRate();
    this.#maxDatagram = maxDatagram;
    this.#stats = stats;
    this.#credit = terms.sendCredit;
    this.recovery = new LossRecovery({
      strategy,
      window: terms.window,
      controller: CONTROLLERS[terms.congestion]({ maxDatagram, rtt, delivery, prng }),
      rtt,
      delivery,
      peerMaxAckDelay: strategy.acknowledgesEach ? 0 : terms.peerMaxAckDelay,
      backoffFactor: terms.backoffFactor,
      maxRate: terms.maxRate,
      minimumBurst: terms.minimumBurst ?? initialWindow(maxDatagram),
      firstNumber,
      fate: {
        onAcked: ({ data }) => {
          if (data !== undefined) this.stream.onAcked(data);
        },
        onLost: (packet) => {
          stats.packetsLost++;
          if (packet.data !== undefined) this.stream.onLost(packet.data);
          onLost(packet);
        },
      },
    });
  }

  /** The peer takes bytes below this offset; credit never shrinks. */
  grant(maximum: StreamOffset): void {
    this.#credit = Math.max(this.#credit, maximum);
  }

  /** False: it names packets or bytes that were never sent. */
  handleAck(now: Millis, number: PacketNumber, ack: Ack): boolean {
    if (!this.recovery.handleAck(now, number, ack)) return false;
    this.#stats.spuriousLosses = this.recovery.spuriousLosses;
    return this.stream.onCumulative(ack.cumulative);
  }

  /** Whether a datagram with DATA may leave now, probes aside. */
  mayData(now: Millis): boolean {
    this.#pacedUntil = undefined;
    if (!this.stream.hasPending(this.#credit)) {
      this.recovery.onStarved(this.#maxDatagram);
      return false;
    }
    const permission = this.recovery.permission(now, this.#maxDatagram);
    if (typeof permission === 'number') this.#pacedUntil = permission;
    return permission === 'now';
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

  /** Writes what a probe carries (RFC 9002 section 6.2.4): what was lost, else new data, else the oldest again. */
  writeProbe(writer: PacketWriter): Piece | undefined {
    const { next } = this.stream;
    const mayTake = this.stream.hasLost || this.recovery.windowHasRoom;
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
