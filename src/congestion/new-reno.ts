import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';
import type { SentPacket } from '../recovery/sent-packet.ts';
import type { AckSample, CongestionController, ControllerContext } from './controller.ts';
import { initialWindow, minimumWindow, windowRate } from './windows.ts';

/** RFC 9002 section 7.3.2, kLossReductionFactor. */
const LOSS_REDUCTION_FACTOR = 0.5;

/** What a loss may change, and a proof that there was none gives back. */
interface State {
  readonly cwnd: Bytes;
  readonly ssthresh: Bytes;
  /** Packets sent before this belong to the loss already answered. */
  readonly recoveryStart: Millis;
}

/** NewReno of RFC 9002 section 7 and appendix B. */
export class NewRenoController implements CongestionController {
  readonly name = 'new-reno';
  readonly #context: Pick<ControllerContext, 'maxDatagram' | 'startRate' | 'rtt'>;
  #cwnd: Bytes;
  #ssthresh: Bytes = Number.POSITIVE_INFINITY;
  #recoveryStart: Millis = Number.NEGATIVE_INFINITY;
  /** The state before the last reduction. */
  #before: State | undefined;

  constructor(context: Pick<ControllerContext, 'maxDatagram' | 'startRate' | 'rtt'>) {
    this.#context = context;
    this.#cwnd = initialWindow(context);
  }

  get cwnd(): Bytes {
    return Math.max(this.#cwnd, minimumWindow(this.#context.maxDatagram)); // datagrams may have grown
  }

  get pacingRate(): BytesPerMilli {
    return windowRate(this.cwnd, this.#context.rtt.srtt, this.#cwnd < this.#ssthresh);
  }

  onAck(_now: Millis, { packets }: Pick<AckSample, 'packets'>): void {
    for (const { size, sentAt, appLimited } of packets) {
      if (appLimited || sentAt <= this.#recoveryStart) continue; // RFC 9002 sections 7.8 and 7.3.2
      if (this.#cwnd < this.#ssthresh) this.#cwnd += size;
      else this.#cwnd += (this.#context.maxDatagram * size) / this.#cwnd;
    }
  }

  onLoss(now: Millis, lost: readonly SentPacket[], persistent: boolean): void {
    const newest = lost.at(-1);
    const minimum = minimumWindow(this.#context.maxDatagram);
    if (newest !== undefined && newest.sentAt > this.#recoveryStart) {
      this.#before = { cwnd: this.#cwnd, ssthresh: this.#ssthresh, recoveryStart: this.#recoveryStart };
      this.#recoveryStart = now;
      this.#ssthresh = Math.max(this.#cwnd * LOSS_REDUCTION_FACTOR, minimum);
      this.#cwnd = this.#ssthresh;
    }
    if (persistent) {
      this.#before = undefined;
      this.#cwnd = minimum;
      this.#recoveryStart = Number.NEGATIVE_INFINITY; // RFC 9002 appendix B.8
    }
  }

  onSpuriousLosses(): void {
    if (this.#before === undefined) return;
    this.#cwnd = Math.max(this.#cwnd, this.#before.cwnd);
    this.#ssthresh = this.#before.ssthresh;
    this.#recoveryStart = this.#before.recoveryStart;
    this.#before = undefined;
  }

  onSuspension(): void {
    this.#cwnd = Math.min(this.#cwnd, initialWindow(this.#context));
  }

  reset(): void {
    this.#cwnd = initialWindow(this.#context);
    this.#ssthresh = Number.POSITIVE_INFINITY;
    this.#recoveryStart = Number.NEGATIVE_INFINITY;
    this.#before = undefined;
  }
}
