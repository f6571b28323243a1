import type { Millis } from '../base/units.ts';

/** How long the minimum is trusted. */
const FILTER_LENGTH: Millis = 10_000;
/** After so long without a minimum as low as the last one, the queue is emptied to look. */
const PROBE_INTERVAL: Millis = 5000;
/** A round trip no more than this above the minimum is as good: packets differ in size, and timers are late. */
const TOLERANCE: Millis = 1;
const TOLERANCE_SHARE = 1 / 64;

/** The round trip without a queue: the smallest of the last ten seconds. */
export class MinRtt {
  #min: Millis = Number.POSITIVE_INFINITY;
  #minAt: Millis = Number.NEGATIVE_INFINITY;
  #recent: Millis = Number.POSITIVE_INFINITY;
  #recentAt: Millis = Number.NEGATIVE_INFINITY;
  #isExpired = false;

  /** Infinite before the first sample. */
  get value(): Millis {
    return this.#min;
  }

  /** It is time to empty the queue and look. */
  get isExpired(): boolean {
    return this.#isExpired;
  }

  sample(now: Millis, rtt: Millis): void {
    this.#isExpired = this.#recentAt !== Number.NEGATIVE_INFINITY && now > this.#recentAt + PROBE_INTERVAL;
    // As low as before is as good as lower: the queue was empty.
    if (rtt <= this.#recent + Math.max(TOLERANCE, TOLERANCE_SHARE * this.#recent)) this.#recentAt = now;
    if (rtt < this.#recent || this.#isExpired) {
      this.#recent = rtt;
      this.#recentAt = now;
    }
    if (this.#recent <= this.#min || now > this.#minAt + FILTER_LENGTH) {
      this.#min = this.#recent;
      this.#minAt = this.#recentAt;
    }
  }

  /** It has just been looked at. */
  refresh(now: Millis): void {
    this.#recentAt = now;
  }
}
