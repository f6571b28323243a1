import { describe, expect, test } from 'vitest';
import { Channel } from '../../../src/channel/channel.ts';
import { binomialBound, judgeAll, run, steady } from '../run.ts';

const COUNT = 20_000;

describe('duplicate', () => {
  test.each([0.01, 0.3, 0.9])('doubles about %d of all datagrams', (probability) => {
    const doubled = judgeAll({ duplicate: { probability } }, 2, steady(COUNT, 1)).filter(
      ({ copies }) => copies.length === 2,
    ).length;
    expect(Math.abs(doubled - COUNT * probability)).toBeLessThan(binomialBound(COUNT, probability));
  });

  test.each([
    { maxDelay: undefined, limit: 10 },
    { maxDelay: 120_000, limit: 120_000 },
  ])('delivers the copy up to $limit ms later, spread evenly', ({ maxDelay, limit }) => {
    const verdicts = judgeAll({ duplicate: { probability: 1, maxDelay } }, 2, steady(COUNT, 1));
    const delays = verdicts.map(({ copies }) => (copies[1]?.delay ?? -1) - (copies[0]?.delay ?? 0));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...delays)).toBeLessThan(limit);
    const early = delays.filter((delay) => delay < limit / 2).length;
    expect(Math.abs(early - COUNT / 2)).toBeLessThan(binomialBound(COUNT, 0.5));
  });

  test('never brings back what was lost', () => {
    const channel = new Channel<number>({ loss: 0.5, duplicate: { probability: 1 } }, 3, 'out');
    const arrivals = run(channel, steady(1000, 1));
    expect(arrivals).toHaveLength(2 * (1000 - channel.stats.lost.loss));
  });

  test('delivers the same bytes twice, one copy possibly damaged', () => {
    const pushes = steady(200, 100);
    const arrivals = run(new Channel<number>({ duplicate: { probability: 1 }, corrupt: 0.5 }, 3, 'out'), pushes);
    const isIntact = ({ index, bytes }: (typeof arrivals)[number]) => `${bytes}` === `${pushes[index]?.bytes}`;
    const intactCopies = pushes.map((_, index) => arrivals.filter((a) => a.index === index && isIntact(a)).length);
    expect(new Set(intactCopies)).toEqual(new Set([0, 1, 2]));
  });
});
