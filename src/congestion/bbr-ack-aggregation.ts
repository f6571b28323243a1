import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';
import { WindowedMax } from './bbr-filters.ts';

/** Rounds that are remembered once the pipe is full; before, only the last one. */
const FILTER_LENGTH = 10;

/** How far ACKs run ahead of the bandwidth, because they come in bunches: so much more has to be in flight. */
export class AckAggregation {
  readonly #filter = new WindowedMax();
  #start: Millis = 0;
  #delivered: Bytes = 0;

  get extra(): Bytes {
    return this.#filter.max;
  }

  onAck(now: Millis, acked: Bytes, bw: BytesPerMilli, cwnd: Bytes, round: number, isFull: boolean): void {
    let expected = bw * (now - this.#start);
    if (this.#delivered <= expected) {
      this.restart(now);
      expected = 0;
    }
    this.#delivered += acked;
    this.#filter.update(round, Math.min(this.#delivered - expected, cwnd), isFull ? FILTER_LENGTH : 1);
  }

  /** A bunch begins now at the earliest. */
  restart(now: Millis): void {
    this.#start = now;
    this.#delivered = 0;
  }
}
