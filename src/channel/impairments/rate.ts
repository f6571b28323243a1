import type { Bytes, BytesPerMilli, Millis } from '../../base/units.ts';
import type { Draft, Impairment } from '../draft.ts';

interface Waiting {
  /** When its last bit has left the queue. */
  readonly departure: Millis;
  readonly size: Bytes;
}

/**
 * The bottleneck: sends one datagram after another, each taking size / rate, and keeps what waits in a drop-tail
 * queue. A datagram counts as waiting until its last bit is sent; one that finds the queue empty always fits.
 * Sizes are UDP payload. No randomness.
 */
export class Rate implements Impairment {
  readonly #rate: BytesPerMilli;
  readonly #limit: Bytes;
  readonly #waiting: Waiting[] = [];
  /** What lies before this index of `#waiting` has left. */
  #head = 0;
  #queued: Bytes = 0;
  #freeAt: Millis = -Infinity;
  maxQueue: Bytes = 0;

  constructor(rate: BytesPerMilli, limit: Bytes) {
    this.#rate = rate;
    this.#limit = limit;
  }

  apply(draft: Draft): void {
    const { now, size, copies } = draft;
    if (copies.length === 0) return;
    this.#release(now);
    const kept = copies.filter((copy) => {
      const wait = this.#enter(now, size);
      if (wait !== undefined) copy.delay += wait;
      return wait !== undefined;
    });
    if (kept.length > 0) draft.copies = kept;
    else draft.drop('queue');
  }

  /** How long until the last bit is sent; undefined if there is no room. */
  #enter(now: Millis, size: Bytes): Millis | undefined {
    if (this.#queued > 0 && this.#queued + size > this.#limit) return undefined;
    this.#freeAt = Math.max(now, this.#freeAt) + size / this.#rate;
    this.#waiting.push({ departure: this.#freeAt, size });
    this.#queued += size;
    this.maxQueue = Math.max(this.maxQueue, this.#queued);
    return this.#freeAt - now;
  }

  #release(now: Millis): void {
    let next = this.#waiting[this.#head];
    while (next !== undefined && next.departure <= now) {
      this.#queued -= next.size;
      next = this.#waiting[++this.#head];
    }
    // Forget what has left once it is half of the list: constant work per datagram on average.
    if (this.#head * 2 > this.#waiting.length) {
      this.#waiting.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
