import type { Millis } from '../../base/units.ts';
import type { Draft, Impairment } from '../draft.ts';

/** Propagation: the same delay for every copy. No randomness. */
export class Delay implements Impairment {
  readonly #delay: Millis;

  constructor(delay: Millis) {
    this.#delay = delay;
  }

  apply(draft: Draft): void {
    for (const copy of draft.copies) copy.delay += this.#delay;
  }
}
