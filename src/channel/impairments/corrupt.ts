import type { Prng } from '../../base/prng.ts';
import type { Bytes } from '../../base/units.ts';
import type { Draft, Impairment } from '../draft.ts';
import { MAX_COPIES } from '../verdict.ts';

const MAX_FLIPS = 8;

/**
 * Flips 1 to 8 distinct bits of some copies, picked over the datagram as it entered: where it was also cut, the bits
 * of the tail are gone with it. An empty datagram has none.
 */
export class Corrupt implements Impairment {
  readonly #probability: number;
  readonly #prng: Prng;

  constructor(probability: number, prng: Prng) {
    this.#probability = probability;
    this.#prng = prng;
  }

  apply(draft: Draft): void {
    for (let position = 0; position < MAX_COPIES; position++) {
      const isPicked = this.#prng.next() < this.#probability;
      const flips = this.#drawFlips(draft.size);
      const copy = draft.copies[position];
      if (isPicked && copy !== undefined && draft.size > 0) copy.flips = flips;
    }
  }

  /** Always draws 1 + MAX_FLIPS values. The bits are distinct by Floyd's method of sampling. */
  #drawFlips(size: Bytes): number[] {
    const count = 1 + Math.floor(this.#prng.next() * MAX_FLIPS);
    const flips: number[] = [];
    for (let drawn = 0; drawn < MAX_FLIPS; drawn++) {
      const value = this.#prng.next();
      if (drawn >= count) continue;
      const highest = size * 8 - count + drawn;
      const bit = Math.floor(value * (highest + 1));
      flips.push(flips.includes(bit) ? highest : bit);
    }
    return flips;
  }
}
