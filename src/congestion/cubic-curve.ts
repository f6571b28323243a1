import type { Millis } from '../base/units.ts';

/** RFC 9438 section 4: constants. */
const C = 0.4;
/** What a loss leaves of the window (RFC 9438 section 4.6). */
export const BETA = 0.7;
/** RFC 9438 section 4.3: with this growth and BETA it gets as much as Reno does. */
const ALPHA = (3 * (1 - BETA)) / (1 + BETA);
/** Most that the window grows by in one round trip (RFC 9438 section 4.2). */
const MOST_GROWTH = 1.5;

/** One epoch of congestion avoidance (RFC 9438 section 4.2): windows in segments, the curve's own time in seconds. */
export class CubicCurve {
  readonly #wMax: number;
  readonly #k: number;
  readonly #cwndPrior: number;
  #start: Millis;
  #wEst: number;
  #limitedAt: Millis | undefined;

  /**
   * Begins at `now` with a window of `cwnd`. `wMax`: the plateau, where the window was when something was lost;
   * `cwndPrior`: the window before that.
   */
  constructor(now: Millis, cwnd: number, wMax: number, cwndPrior: number) {
    this.#start = now;
    this.#wMax = Math.max(wMax, cwnd);
    this.#k = Math.cbrt((this.#wMax - cwnd) / C);
    this.#cwndPrior = cwndPrior;
    this.#wEst = cwnd;
  }

  /** The window that the cubic function wants, so long after the epoch began (RFC 9438 figure 1). */
  windowAt(elapsed: Millis): number {
    return C * (elapsed / 1000 - this.#k) ** 3 + this.#wMax;
  }

  /** The window after so many segments were acknowledged, now that it is `cwnd`. Never less than that. */
  grow(now: Millis, cwnd: number, acked: number, rtt: Millis): number {
    this.#resume(now);
    // RFC 9438 section 4.3: what Reno would have by now; as fast as Reno itself once it has regained what it lost.
    this.#wEst += ((this.#wEst < this.#cwndPrior ? ALPHA : 1) * acked) / cwnd;
    const elapsed = now - this.#start;
    if (this.windowAt(elapsed) < this.#wEst) return Math.max(cwnd, this.#wEst);
    const target = Math.min(Math.max(this.windowAt(elapsed + rtt), cwnd), MOST_GROWTH * cwnd);
    return cwnd + ((target - cwnd) / cwnd) * acked;
  }

  /** The window was not the limit: that time does not count (RFC 9438 section 4.2). */
  pause(now: Millis): void {
    this.#limitedAt ??= now;
  }

  #resume(now: Millis): void {
    if (this.#limitedAt !== undefined) this.#start += now - this.#limitedAt;
    this.#limitedAt = undefined;
  }
}
