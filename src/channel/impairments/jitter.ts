import type { Prng } from '../../base/prng.ts';
import type { Millis } from '../../base/units.ts';
import type { Draft, Impairment } from '../draft.ts';
import { MAX_COPIES } from '../verdict.ts';

/** Delays each copy by a uniform 0..jitter of its own, which reorders what is closer together than that. */
export class Jitter implements Impairment {
  readonly #jitter: Millis;
  readonly #prng: Prng;

  constructor(jitter: Millis, prng: Prng) {
    this.#jitter = jitter;
    this.#prng = prng;
  }

  apply(draft: Draft): void {
    for (let position = 0; position < MAX_COPIES; position++) {
      const extra = this.#prng.next() * this.#jitter;
      const copy = draft.copies[position];
      if (copy !== undefined) copy.delay += extra;
    }
  }
}
