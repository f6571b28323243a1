/** BLAKE2b as RFC 7693 writes it, with big integers: too plain to be wrong in the same way as a library. */

const MASK = (1n << 64n) - 1n;

const IV = [
  0x6a09e667f3bcc908n,
  0xbb67ae8584caa73bn,
  0x3c6ef372fe94f82bn,
  0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n,
  0x9b05688c2b3e6c1fn,
  0x1f83d9abfb41bd6bn,
  0x5be0cd19137e2179n,
] as const;

const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
] as const;

/** Which words a step mixes: the four columns, then the four diagonals. */
const QUARTERS = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const;

const rotate = (word: bigint, by: bigint): bigint => ((word >> by) | (word << (64n - by))) & MASK;

function compress(state: bigint[], block: Buffer, counted: number, isLast: boolean): void {
  const words = Array.from({ length: 16 }, (_, at) => block.readBigUInt64LE(8 * at));
  const v = [...state, ...IV];
  const at = (index: number): bigint => v[index] as bigint;
  v[12] = at(12) ^ BigInt(counted);
  if (isLast) v[14] = at(14) ^ MASK;
  for (let round = 0; round < 12; round++) {
    const order = SIGMA[round % 10] as (typeof SIGMA)[number];
    QUARTERS.forEach(([a, b, c, d], index) => {
      for (const [half, first, second] of [
        [0, 32n, 24n],
        [1, 16n, 63n],
      ] as const) {
        v[a] = (at(a) + at(b) + (words[order[2 * index + half] as number] as bigint)) & MASK;
        v[d] = rotate(at(d) ^ at(a), first);
        v[c] = (at(c) + at(d)) & MASK;
        v[b] = rotate(at(b) ^ at(c), second);
      }
    });
  }
  for (let index = 0; index < 8; index++) state[index] = (state[index] as bigint) ^ at(index) ^ at(index + 8);
}

export function naiveBlake2b(input: Uint8Array, length: number, key: Uint8Array = new Uint8Array(0)): Uint8Array {
  const keyBlock = Buffer.alloc(key.length === 0 ? 0 : 128);
  keyBlock.set(key);
  const all = Buffer.concat([keyBlock, input]);
  const state: bigint[] = [...IV];
  state[0] = (state[0] as bigint) ^ 0x01010000n ^ BigInt((key.length << 8) | length);
  const blocks = Math.max(1, Math.ceil(all.length / 128));
  for (let index = 0; index < blocks; index++) {
    const block = Buffer.alloc(128);
    all.copy(block, 0, 128 * index);
    compress(state, block, Math.min(128 * (index + 1), all.length), index === blocks - 1);
  }
  const output = Buffer.alloc(64);
  state.forEach((word, index) => void output.writeBigUInt64LE(word, 8 * index));
  return new Uint8Array(output.subarray(0, length));
}
