import { describe, expect, test } from 'vitest';
import { MinimumPace } from '../../src/transfer/minimum-pace.ts';

/** Turns as [seconds, bytes so far, is it the sender's turn]; the second at which it was too slow. */
function findSlow(turns: readonly (readonly [number, number, boolean])[], patience = 60_000): number | undefined {
  const pace = new MinimumPace(patience);
  return turns.find(([seconds, bytes, isWaiting]) => pace.isTooSlow(1000 * seconds, bytes, isWaiting))?.[0];
}

const every10 = (bytesPerTurn: number, isWaiting = true) =>
  Array.from({ length: 60 }, (_, i) => [10 * i, i * bytesPerTurn, isWaiting] as const);

test('patience is what it is told', () => {
  expect(findSlow(every10(0), 240_000)).toBe(240);
});

test('a sender that has to read a large file may be silent for as long as a slow disk takes', () => {
  const pace = new MinimumPace(60_000);
  const silentFor = (seconds: number): boolean => pace.isTooSlow(1000 * seconds, 0, true, 10e9);
  expect([0, 60, 1000, 1059, 1060].map(silentFor)).toEqual([false, false, false, false, true]);
});

describe('a sender that holds a session', () => {
  test.each([
    ['and says nothing is too slow after a minute', every10(0), 60],
    ['and says 100 bytes every ten seconds is too slow', every10(100), 60],
    ['and says 200 bytes every ten seconds is not', every10(200), undefined],
    ['while the store is busy may wait for ever', every10(0, false), undefined],
    [
      'and makes the store busy for moments is still too slow',
      Array.from({ length: 60 }, (_, i) => [10 * i, i, i % 3 > 0] as const),
      100,
    ],
  ])('%s', (_, turns, slowAt) => {
    expect(findSlow(turns)).toBe(slowAt);
  });
});
