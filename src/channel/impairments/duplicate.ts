import type { Prng } from '../../base/prng.ts';
import type { Millis } from '../../base/units.ts';
import type { Draft, Impairment } from '../draft.ts';
import type { DuplicateSpec } from '../spec.ts';

const DEFAULT_MAX_DELAY: Millis = 10;

/** Adds a second copy, which then goes its own way and arrives somewhat later. Two draws. */
export class Duplicate implements Impairment {
  readonly #probability: number;
  readonly #maxDelay: Millis;
  readonly #prng: Prng;

  constructor({ probability, maxDelay = DEFAULT_MAX_DELAY }: DuplicateSpec, prng: Prng) {
    this.#probability = probability;
    this.#maxDelay = maxDelay;
    this.#prng = prng;
  }

  apply(draft: Draft): void {
    const isPicked = this.#prng.next() < this.#probability;
    const delay = this.#prng.next() * this.#maxDelay;
    if (isPicked && draft.copies.length > 0) draft.copies.push({ delay });
  }
}
