import { describe, expect, test } from 'vitest';
import { judgeAll, steady } from '../run.ts';

const COUNT = 100_000;

/** The lengths of the runs of lost datagrams. */
function runsOf(lost: readonly boolean[]): number[] {
  const runs: number[] = [];
  for (const [at, isLost] of lost.entries()) {
    if (!isLost) continue;
    if (lost[at - 1]) runs.push((runs.pop() ?? 0) + 1);
    else runs.push(1);
  }
  return runs;
}

const lostBy = (enter: number, leave: number, count = COUNT): boolean[] =>
  judgeAll({ burst: { enter, leave } }, 3, steady(count, 1, 1)).map(({ cause }) => cause === 'burst');

describe('burst', () => {
  test.each([
    { enter: 0.01, leave: 0.25 },
    { enter: 0.002, leave: 0.05 },
    { enter: 0.1, leave: 0.9 },
  ])('of $enter, $leave has runs of 1 / leave on average', ({ enter, leave }) => {
    const runs = runsOf(lostBy(enter, leave));
    const mean = runs.reduce((sum, length) => sum + length, 0) / runs.length;
    // The length of a run is geometric: its standard deviation is sqrt(1 - leave) / leave.
    const deviation = Math.sqrt(1 - leave) / leave / Math.sqrt(runs.length);
    expect(Math.abs(mean - 1 / leave)).toBeLessThan(5 * deviation);
  });

  test.each([
    { enter: 0.01, leave: 0.25 },
    { enter: 0.002, leave: 0.05 },
    { enter: 0.5, leave: 0.5 },
  ])('of $enter, $leave loses enter / (enter + leave)', ({ enter, leave }) => {
    const lost = lostBy(enter, leave).filter(Boolean).length;
    const share = enter / (enter + leave);
    // The variance of a two-state chain: the binomial one, widened by (1 + r) / (1 - r) with r = 1 - enter - leave.
    const widening = (2 - enter - leave) / (enter + leave);
    expect(Math.abs(lost - COUNT * share)).toBeLessThan(5 * Math.sqrt(COUNT * share * (1 - share) * widening));
  });

  test.each([
    { name: 'never enters at 0', enter: 0, leave: 0.5, expected: [false, false, false, false] },
    { name: 'never leaves at 0', enter: 1, leave: 0, expected: [true, true, true, true] },
    { name: 'alternates at 1, 1', enter: 1, leave: 1, expected: [true, false, true, false] },
  ])('$name', ({ enter, leave, expected }) => {
    expect(lostBy(enter, leave, 4)).toEqual(expected);
  });
});
