import type { Bytes, Millis } from '../base/units.ts';

/** While we wait for a sender so long, it says at least so much: or the place that it holds goes to another. */
const LEAST_PATIENCE: Millis = 60_000;
const LEAST: Bytes = 1024;

/** Whether a sender that keeps its session alive does anything with it. */
export class MinimumPace {
  readonly #patience: Millis;
  /** How long we waited for it since it last had said enough. */
  #waited: Millis = 0;
  #bytesThen: Bytes = 0;
  /** Since when it is its turn; undefined: it is ours. */
  #waitingSince: Millis | undefined;

  /** A session that outlives long silences outlives paths that let nothing through for as long. */
  constructor(idleTimeout: Millis) {
    this.#patience = Math.max(LEAST_PATIENCE, 2 * idleTimeout);
  }

  /** To be called after every turn, with all stream bytes so far, and whether it is the sender's turn now. */
  isTooSlow(now: Millis, bytes: Bytes, isWaiting: boolean): boolean {
    if (this.#waitingSince !== undefined) this.#waited += now - this.#waitingSince;
    this.#waitingSince = isWaiting ? now : undefined;
    if (bytes - this.#bytesThen >= LEAST) {
      this.#waited = 0;
      this.#bytesThen = bytes;
    }
    return isWaiting && this.#waited >= this.#patience;
  }
}
