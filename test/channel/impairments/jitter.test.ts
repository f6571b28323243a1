import { describe, expect, test } from 'vitest';
import { Channel } from '../../../src/channel/channel.ts';
import { binomialBound, judgeAll, run, steady } from '../run.ts';

const COUNT = 20_000;

describe('jitter', () => {
  test('adds a delay spread evenly over 0..jitter', () => {
    const extras = judgeAll({ delay: 100, jitter: 40 }, 8, steady(COUNT, 1)).map(
      ({ copies }) => (copies[0]?.delay ?? 0) - 100,
    );
    expect(Math.min(...extras)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...extras)).toBeLessThan(40);
    for (const share of [0.1, 0.5, 0.9]) {
      const below = extras.filter((extra) => extra < 40 * share).length;
      expect(Math.abs(below - COUNT * share)).toBeLessThan(binomialBound(COUNT, share));
    }
  });

  test.each([
    { name: 'reorders what is closer together than the jitter', interval: 1, reorders: true },
    { name: 'keeps the order of what is further apart', interval: 40, reorders: false },
  ])('$name', ({ interval, reorders }) => {
    const channel = new Channel<number>({ jitter: 40 }, 8, 'out');
    run(channel, steady(500, interval));
    expect(channel.stats.reordered > 0).toBe(reorders);
  });

  test('delays the two copies of a datagram independently', () => {
    const verdicts = judgeAll({ jitter: 40, duplicate: { probability: 1, maxDelay: 0 } }, 8, steady(COUNT, 1));
    const swapped = verdicts.filter(({ copies: [one, two] }) => (one?.delay ?? 0) > (two?.delay ?? 0)).length;
    expect(Math.abs(swapped - COUNT / 2)).toBeLessThan(binomialBound(COUNT, 0.5));
  });
});
