import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';
import type { SentPacket } from '../recovery/sent-packets.ts';
import type { AckSample, CongestionController, ControllerContext } from './controller.ts';

/** RFC 9002 section 7.2. */
const initialWindow = (maxDatagram: Bytes): Bytes => Math.min(10 * maxDatagram, Math.max(14_720, 2 * maxDatagram));
/** RFC 9002 section 7.3.2, kLossReductionFactor. */
const LOSS_REDUCTION_FACTOR = 0.5;
/** RFC 9002 section 7.7: a little faster than the window, so that pacing itself is never the limit. */
const PACING_GAIN = 1.25;

/** NewReno of RFC 9002 section 7 and appendix B. */
export class NewRenoController implements CongestionController {
  readonly name = 'new-reno';
  readonly #context: ControllerContext;
  #cwnd: Bytes;
  #ssthresh: Bytes = Number.POSITIVE_INFINITY;
  /** Packets sent before this belong to the loss already answered. */
  #recoveryStart: Millis = Number.NEGATIVE_INFINITY;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#cwnd = initialWindow(context.maxDatagram);
  }

  get cwnd(): Bytes {
    return this.#cwnd;
  }

  get pacingRate(): BytesPerMilli {
    // Twice the window per round trip while it doubles, or pacing would hold slow start back.
    const gain = this.#cwnd < this.#ssthresh ? 2 : PACING_GAIN;
    return (gain * this.#cwnd) / Math.max(this.#context.rtt.srtt, 0.1);
  }

  onAck(_now: Millis, { packets }: AckSample): void {
    for (const { size, sentAt, appLimited } of packets) {
      if (appLimited || sentAt <= this.#recoveryStart) continue; // RFC 9002 sections 7.8 and 7.3.2
      if (this.#cwnd < this.#ssthresh) this.#cwnd += size;
      else this.#cwnd += (this.#context.maxDatagram * size) / this.#cwnd;
    }
  }

  onLoss(now: Millis, lost: readonly SentPacket[], persistent: boolean): void {
    const newest = lost.at(-1);
    const minimumWindow = 2 * this.#context.maxDatagram;
    if (newest !== undefined && newest.sentAt > this.#recoveryStart) {
      this.#recoveryStart = now;
      this.#ssthresh = Math.max(this.#cwnd * LOSS_REDUCTION_FACTOR, minimumWindow);
      this.#cwnd = this.#ssthresh;
    }
    if (persistent) {
      this.#cwnd = minimumWindow;
      this.#recoveryStart = Number.NEGATIVE_INFINITY; // RFC 9002 appendix B.8
    }
  }

  reset(): void {
    this.#cwnd = initialWindow(this.#context.maxDatagram);
    this.#ssthresh = Number.POSITIVE_INFINITY;
    this.#recoveryStart = Number.NEGATIVE_INFINITY;
  }
}
