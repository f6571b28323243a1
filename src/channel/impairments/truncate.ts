import type { Prng } from '../../base/prng.ts';
import type { Draft, Impairment } from '../draft.ts';
import { MAX_COPIES } from '../verdict.ts';

/** Cuts some copies to a uniform 0..size - 1 bytes. An empty datagram cannot be cut. */
export class Truncate implements Impairment {
  readonly #probability: number;
  readonly #prng: Prng;

  constructor(probability: number, prng: Prng) {
    this.#probability = probability;
    this.#prng = prng;
  }

  apply(draft: Draft): void {
    for (let position = 0; position < MAX_COPIES; position++) {
      const isPicked = this.#prng.next() < this.#probability;
      const cut = Math.floor(this.#prng.next() * draft.size);
      const copy = draft.copies[position];
      if (isPicked && copy !== undefined && draft.size > 0) copy.cut = cut;
    }
  }
}
