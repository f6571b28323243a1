import { describe, expect, test } from 'vitest';
import { Channel } from '../../../src/channel/channel.ts';
import { binomialBound, run, steady } from '../run.ts';

const COUNT = 20_000;

describe('truncate', () => {
  test.each([0.01, 0.3, 0.9])('cuts about %d of all datagrams', (truncate) => {
    const channel = new Channel<number>({ truncate }, 17, 'out');
    run(channel, steady(COUNT, 1));
    expect(Math.abs(channel.stats.truncated - COUNT * truncate)).toBeLessThan(binomialBound(COUNT, truncate));
  });

  test('always makes a picked datagram shorter, to any length about as often, and keeps its front', () => {
    const pushes = steady(COUNT, 1, 10);
    const arrivals = run(new Channel<number>({ truncate: 1 }, 17, 'out'), pushes);
    for (const { index, bytes } of arrivals) {
      expect(bytes).toEqual(pushes[index]?.bytes.subarray(0, bytes.length));
    }
    for (let length = 0; length < 10; length++) {
      const times = arrivals.filter(({ bytes }) => bytes.length === length).length;
      expect(Math.abs(times - COUNT / 10)).toBeLessThan(binomialBound(COUNT, 0.1));
    }
    expect(arrivals.filter(({ bytes }) => bytes.length >= 10)).toEqual([]);
  });

  test('loses the flipped bits of the tail with the tail', () => {
    const channel = new Channel<number>({ truncate: 1, corrupt: 1 }, 17, 'out');
    const arrivals = run(channel, steady(200, 1, 2));
    expect(arrivals.some(({ bytes }) => bytes.length === 0)).toBe(true);
    expect(channel.stats.truncated).toBe(200);
    expect(channel.stats.corrupted).toBeLessThan(200);
  });

  test('leaves an empty datagram alone', () => {
    const channel = new Channel({ truncate: 1 }, 17, 'out');
    channel.push(0, new Uint8Array(0));
    expect(channel.pull(0)?.bytes).toEqual(new Uint8Array(0));
    expect(channel.stats.truncated).toBe(0);
  });
});
