import { expect, test } from 'vitest';
import { TokenBucket } from '../../src/session/token-bucket.ts';

test('a burst, then as many as the rate says, and never more than a burst after a long silence', () => {
  const bucket = new TokenBucket(20, 5);
  const taken = (now: number, asked: number): number =>
    Array.from({ length: asked }, () => bucket.take(now)).filter(Boolean).length;
  expect(taken(1000, 100)).toBe(5);
  expect(taken(1049, 100)).toBe(0);
  expect(taken(1050, 100)).toBe(1);
  let inOneSecond = 0;
  for (let now = 1060; now <= 2050; now += 10) inOneSecond += taken(now, 3);
  expect(inOneSecond).toBe(20);
  expect(bucket.isFull(2060)).toBe(false);
  expect(bucket.isFull(3000)).toBe(true);
  expect(taken(1e9, 100)).toBe(5);
});
