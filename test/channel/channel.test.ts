import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Channel, MAX_HELD_BYTES, MAX_HELD_DATAGRAMS } from '../../src/channel/channel.ts';
import type { ChannelStats } from '../../src/channel/stats.ts';
import { DROP_CAUSES } from '../../src/channel/verdict.ts';
import { pushLists, seeds, specs } from './arbitraries.ts';
import { run, steady } from './run.ts';

const lostTotal = (stats: ChannelStats): number => DROP_CAUSES.reduce((sum, cause) => sum + stats.lost[cause], 0);

describe('a channel', () => {
  test('delivers everything at once, in order and unchanged when nothing is configured', () => {
    fc.assert(
      fc.property(seeds, pushLists, (seed, pushes) => {
        const arrivals = run(new Channel<number>({}, seed, 'out'), pushes);
        expect(arrivals).toEqual(pushes.map((push, index) => ({ ...push, index })));
      }),
    );
  });

  test('accounts for every datagram at every moment', () => {
    fc.assert(
      fc.property(specs, seeds, pushLists, (spec, seed, pushes) => {
        const channel = new Channel(spec, seed, 'out');
        for (const { at, bytes } of pushes) {
          channel.push(at, bytes);
          channel.pull(at);
          const stats = channel.stats;
          expect(stats.datagramsDelivered + lostTotal(stats) + stats.held).toBe(stats.datagramsIn + stats.duplicated);
        }
        const { datagramsIn, bytesIn } = channel.stats;
        expect(datagramsIn).toBe(pushes.length);
        expect(bytesIn).toBe(pushes.reduce((sum, { bytes }) => sum + bytes.length, 0));
      }),
    );
  });

  test('counts what came out', () => {
    fc.assert(
      fc.property(specs, seeds, pushLists, (spec, seed, pushes) => {
        const channel = new Channel<number>(spec, seed, 'out');
        const arrivals = run(channel, pushes);
        const { stats } = channel;
        expect(stats.held).toBe(0);
        expect(stats.datagramsDelivered).toBe(arrivals.length);
        expect(stats.bytesDelivered).toBe(arrivals.reduce((sum, { bytes }) => sum + bytes.length, 0));
        expect(stats.truncated).toBe(
          arrivals.filter(({ bytes, index }) => bytes.length < (pushes[index]?.bytes.length ?? 0)).length,
        );
        expect(stats.corrupted).toBe(
          arrivals.filter(({ bytes, index }) => bytes.some((byte, at) => byte !== pushes[index]?.bytes[at])).length,
        );
      }),
    );
  });

  test('never delivers before the push, and pollTimeout() never goes back in time', () => {
    fc.assert(
      fc.property(specs, seeds, pushLists, (spec, seed, pushes) => {
        let last = 0;
        for (const { at, index } of run(new Channel<number>(spec, seed, 'out'), pushes)) {
          expect(at).toBeGreaterThanOrEqual(pushes[index]?.at ?? Infinity);
          expect(at).toBeGreaterThanOrEqual(last);
          last = at;
        }
      }),
    );
  });

  test('gives the same for the same seed, and reads its datagrams only', () => {
    fc.assert(
      fc.property(specs, seeds, pushLists, (spec, seed, pushes) => {
        const before = pushes.map(({ bytes }) => Array.from(bytes));
        const first = run(new Channel<number>(spec, seed, 'out'), pushes);
        expect(run(new Channel<number>(spec, seed, 'out'), pushes)).toEqual(first);
        expect(pushes.map(({ bytes }) => Array.from(bytes))).toEqual(before);
      }),
    );
  });

  test('gives something else for another seed and for the other direction', () => {
    const arrivals = (seed: number, direction: string) =>
      run(new Channel<number>({ loss: 0.5, jitter: 10 }, seed, direction), steady(100, 1));
    expect(arrivals(1, 'out')).not.toEqual(arrivals(2, 'out'));
    expect(arrivals(1, 'out')).not.toEqual(arrivals(1, 'in'));
  });

  test('counts as reordered exactly the originals that a later datagram overtook', () => {
    fc.assert(
      fc.property(specs, seeds, pushLists, ({ duplicate: _, ...spec }, seed, pushes) => {
        const channel = new Channel<number>(spec, seed, 'out');
        const order = run(channel, pushes).map(({ index }) => index);
        const overtaken = order.filter((index, at) => order.slice(0, at).some((earlier) => earlier > index));
        expect(channel.stats.reordered).toBe(overtaken.length);
      }),
    );
  });

  test('does not call a late duplicate reordered', () => {
    const channel = new Channel<number>({ duplicate: { probability: 1, maxDelay: 50 } }, 1, 'out');
    const order = run(channel, steady(50, 1)).map(({ index }) => index);
    expect(order).not.toEqual(order.toSorted((a, b) => a - b));
    expect(channel.stats).toMatchObject({ reordered: 0, duplicated: 50, datagramsDelivered: 100 });
  });

  test('keeps a copy of what it holds, so the caller may reuse its buffer, even a Node Buffer', () => {
    const channel = new Channel({ delay: 5 }, 1, 'out');
    const buffer = Buffer.from([1, 2, 3]);
    channel.push(0, buffer);
    buffer.fill(9);
    expect(channel.pull(4.9)).toBeUndefined();
    expect(channel.pull(5)?.bytes).toEqual(Uint8Array.from([1, 2, 3]));
  });

  test('hands each copy of a duplicate its own bytes', () => {
    const channel = new Channel({ duplicate: { probability: 1, maxDelay: 0 } }, 1, 'out');
    channel.push(0, Uint8Array.of(1, 2, 3));
    const first = channel.pull(0);
    first?.bytes.fill(9);
    expect(channel.pull(0)?.bytes).toEqual(Uint8Array.of(1, 2, 3));
  });

  test('refuses a spec that is not sound', () => {
    expect(() => new Channel({ loss: 5 }, 1, 'out')).toThrow(new RangeError('loss: 5 is not a probability in 0..1'));
  });

  test('gives a snapshot of its stats, not its counters', () => {
    const channel = new Channel({ loss: 1 }, 1, 'out');
    const before = channel.stats;
    channel.push(0, Uint8Array.of(1));
    expect(before).toMatchObject({ datagramsIn: 0, lost: { loss: 0 } });
    expect(channel.stats).toMatchObject({ datagramsIn: 1, lost: { loss: 1 } });
  });
});

describe('a flooded channel', () => {
  test('holds a bounded number of datagrams, and works on once they are out', () => {
    const channel = new Channel({ delay: 1000 }, 1, 'in');
    const pushed = MAX_HELD_DATAGRAMS + 1000;
    for (let i = 0; i < pushed; i++) channel.push(0, Uint8Array.of(1));
    const { held, lost } = channel.stats;
    expect(held).toBeLessThanOrEqual(MAX_HELD_DATAGRAMS);
    expect(held + lost.queue).toBe(pushed);
    while (channel.pull(1000) !== undefined);
    channel.push(2000, Uint8Array.of(7));
    expect(channel.pull(3000)?.bytes).toEqual(Uint8Array.of(7));
  });

  test('holds a bounded number of bytes, and works on once they are out', () => {
    const channel = new Channel({ delay: 1000 }, 1, 'in');
    const datagram = new Uint8Array(65_507);
    const fitting = Math.floor(MAX_HELD_BYTES / datagram.length);
    for (let i = 0; i < fitting + 10; i++) channel.push(0, datagram);
    expect(channel.stats.held).toBeLessThanOrEqual(fitting);
    expect(channel.stats.held).toBeGreaterThan(fitting - 2);
    expect(channel.stats.lost.queue).toBe(fitting + 10 - channel.stats.held);
    while (channel.pull(1000) !== undefined);
    channel.push(2000, datagram);
    expect(channel.stats.held).toBe(1);
  });

  test('goes on drawing for what it has no room for', () => {
    const flood = 2 * MAX_HELD_DATAGRAMS + 4000;
    const lossesAfterFlood = (delay: number): number[] => {
      const channel = new Channel({ delay, loss: 0.5 }, 1, 'in');
      for (let at = 0; at < flood; at++) {
        channel.push(at, Uint8Array.of(1));
        channel.pull(at);
      }
      while (channel.pull(Infinity) !== undefined);
      return Array.from({ length: 50 }, () => {
        const before = channel.stats.lost.loss;
        channel.push(flood, Uint8Array.of(1));
        return channel.stats.lost.loss - before;
      });
    };
    expect(lossesAfterFlood(flood)).toEqual(lossesAfterFlood(0));
  });
});
