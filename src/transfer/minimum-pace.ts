import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';

/** While we wait for a sender so long, it says at least so much: or the place that it holds goes to another. */
const LEAST_PATIENCE: Millis = 60_000;
const LEAST: Bytes = 1024;
/** A sender that digests what the receiver has is silent meanwhile; its disk reads so fast at least. */
const SLOW_DISK: BytesPerMilli = 10_000;

/** Whether a sender that keeps its session alive does anything with it. */
export class MinimumPace {
  readonly #patience: Millis;
  /** How long we waited for it since it last had said enough. */
  #waited: Millis = 0;
  #bytesThen: Bytes = 0;
  /** Since when it is its turn; undefined: it is ours. */
  #waitingSince: Millis | undefined;

  /** A session that outlives long silences outlives paths that let nothing through for as long. */
  constructor(idleTimeout: Millis, least: Millis = LEAST_PATIENCE) {
    this.#patience = Math.max(least, 2 * idleTimeout);
  }

  /**
   * To be called after every turn, with all stream bytes so far, whether it is the sender's turn now, and how many bytes
   * it may have to read for what it says next.
   */
  isTooSlow(now: Millis, bytes: Bytes, isWaiting: boolean, toRead: Bytes = 0): boolean {
    if (this.#waitingSince !== undefined) this.#waited += now - this.#waitingSince;
    this.#waitingSince = isWaiting ? now : undefined;
    if (bytes - this.#bytesThen >= LEAST) {
      this.#waited = 0;
      this.#bytesThen = bytes;
    }
    return isWaiting && this.#waited >= this.#patience + toRead / SLOW_DISK;
  }
}
