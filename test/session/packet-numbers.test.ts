import { describe, expect, test } from 'vitest';
import { SeededPrng } from '../../src/base/prng.ts';
import { PacketNumbers } from '../../src/session/packet-numbers.ts';

const SEEDS = 10_000;
const LONGEST = 131_072;

/** The first number, and the first `count` that are skipped, of one session. */
function skipsOf(seed: number, count: number): { first: number; skipped: number[] } {
  const numbers = new PacketNumbers(new SeededPrng(seed), Infinity);
  const first = numbers.take();
  const skipped: number[] = [];
  for (let before = first; skipped.length < count; ) {
    const number = numbers.take();
    for (let hole = before + 1; hole < number; hole++) skipped.push(hole);
    before = number;
  }
  return { first, skipped };
}

describe('PacketNumbers', () => {
  test('begin anywhere in 0..2^20, and skip one of the first 256 after it', () => {
    const distances = new Set<number>();
    for (let seed = 0; seed < SEEDS; seed++) {
      const { first, skipped } = skipsOf(seed, 1);
      expect(first).toBeLessThanOrEqual(2 ** 20);
      distances.add((skipped[0] as number) - first);
    }
    expect(Math.min(...distances)).toBe(1);
    expect(Math.max(...distances)).toBe(255);
    expect(distances.size).toBe(255); // nobody can foresee it: every one of them
  });

  test('skip one by one, ever more rarely, and at least once in 131,072', () => {
    for (const seed of [1, 2, 3]) {
      const { first, skipped } = skipsOf(seed, 12);
      for (const [i, number] of skipped.entries()) {
        const distance = number - (skipped[i - 1] ?? first);
        if (i > 0) expect(distance).toBeGreaterThan(1);
        expect(distance).toBeLessThanOrEqual(Math.min(LONGEST, 256 * 2 ** i));
      }
      expect((skipped[11] as number) - first).toBeGreaterThan(LONGEST);
    }
  });

  test('end after the last one', () => {
    const { first, skipped } = skipsOf(5, 1);
    const [hole = 0] = skipped;
    const last = hole - 1;
    const numbers = new PacketNumbers(new SeededPrng(5), last);
    for (let number = first; number <= last; number++) {
      expect(numbers.isSpent).toBe(false);
      expect(numbers.take()).toBe(number);
    }
    expect(numbers.isSpent).toBe(true);
    expect(numbers.next).toBe(hole + 1);
  });
});
