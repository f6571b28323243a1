import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';

/** While we wait for a peer for as long as we are patient, it moves at least so much. */
export const LEAST_PROGRESS: Bytes = 1024;
/** A peer that reads what it has, or makes it durable, is silent meanwhile; its disk does so much at least. */
const SLOW_DISK: BytesPerMilli = 10_000;

/** Whether a peer that keeps its session alive does anything with it. */
export class MinimumPace {
  readonly #patience: Millis;
  /** How long we waited for it since it last had moved enough. */
  #waited: Millis = 0;
  #movedThen: Bytes = 0;
  /** Since when it is its turn; undefined: it is ours. */
  #waitingSince: Millis | undefined;

  constructor(patience: Millis) {
    this.#patience = patience;
  }

  /**
   * To be called after every turn, with all that was moved so far, whether it is the peer's turn now, and how many bytes
   * its disk may have to handle before it says something.
   */
  isTooSlow(now: Millis, moved: Bytes, isWaiting: boolean, onDisk: Bytes = 0): boolean {
    if (this.#waitingSince !== undefined) this.#waited += now - this.#waitingSince;
    this.#waitingSince = isWaiting ? now : undefined;
    if (moved - this.#movedThen >= LEAST_PROGRESS) {
      this.#waited = 0;
      this.#movedThen = moved;
    }
    return isWaiting && this.#waited >= this.#patience + onDisk / SLOW_DISK;
  }
}
