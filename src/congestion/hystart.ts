import type { Millis } from '../base/units.ts';

/** RFC 9406 section 4.3. There is no limit on how much a paced sender grows per ACK (L is infinite). */
const MIN_RTT_THRESH: Millis = 4;
const MAX_RTT_THRESH: Millis = 16;
const MIN_RTT_DIVISOR = 8;
const N_RTT_SAMPLE = 8;
const CSS_GROWTH_DIVISOR = 4;
const CSS_ROUNDS = 5;

/**
 * HyStart++ (RFC 9406): ends slow start when round trips become longer, before the queue overflows. First it only slows
 * down (conservative slow start), because one round of longer round trips may be noise.
 */
export class HyStart {
  /** Packets sent from here on end the round. */
  #roundStart: Millis = Number.NEGATIVE_INFINITY;
  #lastRoundMin: Millis = Number.POSITIVE_INFINITY;
  #roundMin: Millis = Number.POSITIVE_INFINITY;
  #samples = 0;
  /** The smallest round trip of the round that began conservative slow start; undefined: not in it. */
  #baseline: Millis | undefined;
  #cssRounds = 0;
  #isOver = false;

  /** Slow start has found its end. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Share of the acknowledged bytes by which the window grows now. */
  get growth(): number {
    return this.#baseline === undefined ? 1 : 1 / CSS_GROWTH_DIVISOR;
  }

  /** An ACK came whose newest packet left at `sentAt`. */
  onAck(now: Millis, sentAt: Millis): void {
    if (sentAt >= this.#roundStart) this.#startRound(now);
    this.#samples++;
    this.#roundMin = Math.min(this.#roundMin, now - sentAt);
    if (this.#samples < N_RTT_SAMPLE) return;
    if (this.#baseline !== undefined) {
      // The round trips became short again: it was noise, back to slow start.
      if (this.#roundMin < this.#baseline) this.#baseline = undefined;
    } else if (this.#roundMin >= this.#lastRoundMin + this.#threshold()) {
      this.#baseline = this.#roundMin;
      this.#cssRounds = 0;
    }
  }

  #threshold(): Millis {
    return Math.max(MIN_RTT_THRESH, Math.min(this.#lastRoundMin / MIN_RTT_DIVISOR, MAX_RTT_THRESH));
  }

  #startRound(now: Millis): void {
    if (this.#baseline !== undefined && ++this.#cssRounds >= CSS_ROUNDS) this.#isOver = true;
    this.#roundStart = now;
    this.#lastRoundMin = this.#roundMin;
    this.#roundMin = Number.POSITIVE_INFINITY;
    this.#samples = 0;
  }
}
