/** Where randomness comes from: injected, so that a seed replays everything. */
export interface Prng {
  /** A uniform integer in 0..2^32 - 1. */
  nextUint32(): number;
  /** A uniform number in [0, 1) with 32 bits of resolution. */
  next(): number;
}

const rotateLeft = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

/** xoshiro128** (Blackman and Vigna): small, fast, equal on every platform. Not for secrets. */
export class SeededPrng implements Prng {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number, stream = '') {
    // splitmix32 spreads the seed; the stream's name is mixed in, so each name draws its own independent sequence.
    let state = seed >>> 0;
    const high = Math.floor(seed / 2 ** 32) >>> 0;
    for (const word of [high, ...Array.from(stream, (char) => char.codePointAt(0) ?? 0)]) {
      state = Math.imul(state ^ word, 0x01000193) ^ (state >>> 15);
    }
    const word = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.#a = word();
    this.#b = word();
    this.#c = word();
    this.#d = word() | 1; // never all zero
  }

  nextUint32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = rotateLeft(this.#d, 11);
    return result;
  }

  next(): number {
    return this.nextUint32() / 2 ** 32;
  }
}
