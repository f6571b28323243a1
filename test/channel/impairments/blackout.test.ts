import { describe, expect, test } from 'vitest';
import type { BlackoutSpec } from '../../../src/channel/spec.ts';
import { judgeAll } from '../run.ts';

/** Which of the times, counted from the first datagram at 1000, fall into a blackout. */
function lostTimes(blackouts: readonly BlackoutSpec[], times: readonly number[]): number[] {
  const pushes = times.map((time) => ({ at: 1000 + time, bytes: new Uint8Array(1) }));
  const verdicts = judgeAll({ blackouts }, 1, pushes);
  return times.filter((_, index) => verdicts[index]?.cause === 'blackout');
}

describe('a blackout', () => {
  test.each([
    {
      name: 'takes its start and leaves its end, from the first datagram on',
      blackouts: [{ start: 100, duration: 50 }],
      times: [0, 99.999, 100, 149.999, 150, 1150],
      lost: [100, 149.999],
    },
    {
      name: 'from 0 loses the first datagram too',
      blackouts: [{ start: 0, duration: 10 }],
      times: [0, 9, 10],
      lost: [0, 9],
    },
    {
      name: 'repeats with its period, start to start',
      blackouts: [{ start: 10, duration: 5, every: 20 }],
      times: [0, 9, 10, 14, 15, 29, 30, 34, 35, 2010, 2014, 2015],
      lost: [10, 14, 30, 34, 2010, 2014],
    },
    {
      name: 'adds up with others',
      blackouts: [
        { start: 10, duration: 5 },
        { start: 12, duration: 8 },
        { start: 100, duration: 1 },
      ],
      times: [0, 10, 15, 19, 20, 100, 101],
      lost: [10, 15, 19, 100],
    },
    { name: 'of no duration loses nothing', blackouts: [{ start: 5, duration: 0 }], times: [0, 5], lost: [] },
  ])('$name', ({ blackouts, times, lost }) => {
    expect(lostTimes(blackouts, times)).toEqual(lost);
  });
});
