import type { Prng } from '../../base/prng.ts';
import type { Millis } from '../../base/units.ts';
import type { Draft, Impairment } from '../draft.ts';
import type { ReorderSpec } from '../spec.ts';
import { MAX_COPIES } from '../verdict.ts';

const DEFAULT_GAP: Millis = 10;

/**
 * Holds some copies back by a uniform gap / 2..gap; the others pass. The lower bound makes it sure: whatever follows
 * within gap / 2, and is not held back too, arrives first. (netem's `reorder` does the opposite, it lets the picked
 * ones skip the delay: that needs a delay, and the order it gives is the same.)
 */
export class Reorder implements Impairment {
  readonly #probability: number;
  readonly #gap: Millis;
  readonly #prng: Prng;

  constructor({ probability, gap = DEFAULT_GAP }: ReorderSpec, prng: Prng) {
    this.#probability = probability;
    this.#gap = gap;
    this.#prng = prng;
  }

  apply(draft: Draft): void {
    for (let position = 0; position < MAX_COPIES; position++) {
      const isPicked = this.#prng.next() < this.#probability;
      const extra = ((1 + this.#prng.next()) / 2) * this.#gap;
      const copy = draft.copies[position];
      if (isPicked && copy !== undefined) copy.delay += extra;
    }
  }
}
