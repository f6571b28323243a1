import { describe, expect, test } from 'vitest';
import { Channel } from '../../../src/channel/channel.ts';
import { run } from '../run.ts';

const sized = (...sizes: readonly number[]) => sizes.map((size, at) => ({ at, bytes: new Uint8Array(size) }));

describe('mtu', () => {
  test('loses exactly what is larger, and says so nowhere but in its counter', () => {
    const channel = new Channel<number>({ mtu: 1300 }, 5, 'out');
    const arrivals = run(channel, sized(0, 1299, 1300, 1301, 65_507, 1));
    expect(arrivals.map(({ index }) => index)).toEqual([0, 1, 2, 5]);
    expect(channel.stats.lost).toEqual({ 'drop-list': 0, blackout: 0, mtu: 2, loss: 0, burst: 0, queue: 0 });
  });

  test('takes no room at the bottleneck for what it loses', () => {
    const channel = new Channel<number>({ mtu: 1000, rate: 1, queue: 1500 }, 5, 'out');
    channel.push(0, new Uint8Array(1400), 0);
    channel.push(0, new Uint8Array(1000), 1);
    expect(channel.pollTimeout()).toBe(1000);
  });
});
