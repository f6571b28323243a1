import { describe, expect, test } from 'vitest';
import { Channel } from '../../../src/channel/channel.ts';
import { binomialBound, judgeAll, run, steady } from '../run.ts';

const COUNT = 20_000;

describe('reorder', () => {
  test.each([0.01, 0.25, 0.9])('holds back about %d of all datagrams', (probability) => {
    const held = judgeAll({ reorder: { probability } }, 6, steady(COUNT, 1)).filter(
      ({ copies }) => (copies[0]?.delay ?? 0) > 0,
    ).length;
    expect(Math.abs(held - COUNT * probability)).toBeLessThan(binomialBound(COUNT, probability));
  });

  test.each([
    { gap: undefined, limit: 10 },
    { gap: 80, limit: 80 },
  ])('holds them back by half the gap to the gap, $limit ms', ({ gap, limit }) => {
    const verdicts = judgeAll({ reorder: { probability: 1, gap } }, 6, steady(COUNT, 1));
    const delays = verdicts.map(({ copies }) => copies[0]?.delay ?? 0);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(limit / 2);
    expect(Math.max(...delays)).toBeLessThan(limit);
  });

  test('lets every held datagram be overtaken by one that follows within half the gap', () => {
    const channel = new Channel<number>({ reorder: { probability: 0.1, gap: 20 }, delay: 30 }, 6, 'out');
    const order = run(channel, steady(2000, 1)).map(({ index }) => index);
    expect(order).not.toEqual(order.toSorted((a, b) => a - b));
    // One in ten is held for 10 of its followers, which are not all held too.
    expect(Math.abs(channel.stats.reordered - 200)).toBeLessThan(binomialBound(2000, 0.1));
  });

  test('keeps the order of what is further apart than the gap', () => {
    const channel = new Channel<number>({ reorder: { probability: 0.5, gap: 20 } }, 6, 'out');
    run(channel, steady(500, 20));
    expect(channel.stats.reordered).toBe(0);
  });
});
