import { expect, test } from 'vitest';
import { SystemRandom } from '../../src/crypto/random.ts';

const DRAWS = 10_000;

test('nextUint32() draws whole numbers of 32 bits, with every bit set about half the time', () => {
  const random = new SystemRandom();
  const counts = new Array<number>(32).fill(0);
  for (let i = 0; i < DRAWS; i++) {
    const word = random.nextUint32();
    expect(Number.isInteger(word) && word >= 0 && word < 2 ** 32).toBe(true);
    for (let bit = 0; bit < 32; bit++) counts[bit] = (counts[bit] ?? 0) + ((word >>> bit) & 1);
  }
  // Ten standard deviations: a sound generator fails this never.
  for (const count of counts) expect(Math.abs(count - DRAWS / 2)).toBeLessThan(5 * Math.sqrt(DRAWS));
});

test('next() draws from [0, 1), all over it', () => {
  const random = new SystemRandom();
  const draws = Array.from({ length: DRAWS }, () => random.next());
  expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / DRAWS;
  expect(Math.abs(mean - 0.5)).toBeLessThan(10 / Math.sqrt(12 * DRAWS));
});

test('no draw is repeated, across batches and across generators', () => {
  const [one, two] = [new SystemRandom(), new SystemRandom()];
  const pairs = Array.from({ length: 2000 }, () => [`${one.next()} ${one.next()}`, `${two.next()} ${two.next()}`]);
  expect(new Set(pairs.flat()).size).toBe(4000);
});
