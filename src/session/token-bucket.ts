import type { Millis } from '../base/units.ts';

/** Lets so many things happen a second, and some at once after a quiet time. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #at: Millis | undefined;

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Whether one more may happen now; it then counts. */
  take(now: Millis): boolean {
    this.#fill(now);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** As after a quiet time: it remembers nothing. */
  isFull(now: Millis): boolean {
    this.#fill(now);
    return this.#tokens >= this.#burst;
  }

  /** Less is left than half of what a quiet time gives. */
  isScarce(now: Millis): boolean {
    this.#fill(now);
    return this.#tokens < this.#burst / 2;
  }

  #fill(now: Millis): void {
    const elapsed = now - (this.#at ?? now);
    this.#at = now;
    this.#tokens = Math.min(this.#burst, this.#tokens + (elapsed * this.#perSecond) / 1000);
  }
}
