import { randomBytes } from 'node:crypto';
import type { Prng } from '../base/prng.ts';

const BATCH = 1024;

/** Randomness that nobody can guess, from the system. */
export class SystemRandom implements Prng {
  #pool = new Uint8Array(0);
  #at = 0;

  nextUint32(): number {
    if (this.#at + 4 > this.#pool.length) {
      this.#pool = randomBytes(BATCH);
      this.#at = 0;
    }
    let word = 0;
    for (let i = 0; i < 4; i++) word = word * 256 + (this.#pool[this.#at++] as number);
    return word;
  }

  next(): number {
    return this.nextUint32() / 2 ** 32;
  }
}
