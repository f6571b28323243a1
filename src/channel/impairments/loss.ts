import type { Prng } from '../../base/prng.ts';
import type { Draft, Impairment } from '../draft.ts';

/** Loses each datagram independently. One draw. */
export class Loss implements Impairment {
  readonly #probability: number;
  readonly #prng: Prng;

  constructor(probability: number, prng: Prng) {
    this.#probability = probability;
    this.#prng = prng;
  }

  apply(draft: Draft): void {
    if (this.#prng.next() < this.#probability) draft.drop('loss');
  }
}
