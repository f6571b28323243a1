import type { Prng } from '../../base/prng.ts';
import type { Draft, Impairment } from '../draft.ts';
import type { BurstSpec } from '../spec.ts';

/**
 * The Gilbert-Elliott model in its simple form: a good state that loses nothing, a bad state that loses everything.
 * The state may change at each datagram, before the datagram is judged by it. It starts good. In the long run
 * enter / (enter + leave) is lost, in runs of 1 / leave on average. One draw.
 */
export class Burst implements Impairment {
  readonly #enter: number;
  readonly #leave: number;
  readonly #prng: Prng;
  #isBad = false;

  constructor({ enter, leave }: BurstSpec, prng: Prng) {
    this.#enter = enter;
    this.#leave = leave;
    this.#prng = prng;
  }

  apply(draft: Draft): void {
    if (this.#prng.next() < (this.#isBad ? this.#leave : this.#enter)) this.#isBad = !this.#isBad;
    if (this.#isBad) draft.drop('burst');
  }
}
