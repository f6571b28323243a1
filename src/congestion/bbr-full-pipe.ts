import type { BytesPerMilli } from '../base/units.ts';

const GROWTH = 1.25;
const ROUNDS_WITHOUT_GROWTH = 3;

/**
 * Tells when sending faster no longer delivers faster: three rounds with less than a quarter more, or one that saw a
 * queue from beginning to end. The draft always waits for three, and overflows the queue meanwhile.
 */
export class FullPipe {
  #baseline: BytesPerMilli = 0;
  #rounds = 0;
  #isFull = false;

  /** The pipe is full since the last `restart`. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** A round that the sender itself did not limit has delivered at this rate. */
  onRound(rate: BytesPerMilli, hasQueue: boolean): void {
    if (this.#isFull) return;
    if (rate >= this.#baseline * GROWTH) {
      this.restart(rate);
      return;
    }
    this.#isFull = ++this.#rounds >= ROUNDS_WITHOUT_GROWTH || hasQueue;
  }

  /** Begins anew from a rate already seen. */
  restart(rate: BytesPerMilli): void {
    this.#baseline = rate;
    this.#rounds = 0;
    this.#isFull = false;
  }
}
