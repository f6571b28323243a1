import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Channel } from '../../../src/channel/channel.ts';
import type { ChannelSpec } from '../../../src/channel/spec.ts';
import { pushLists } from '../arbitraries.ts';
import { judgeAll, type Push, run, steady } from '../run.ts';

const burstOf = (count: number, size: number): Push[] => steady(count, 0, size);

/** The bottleneck again, looking through all that ever passed instead of keeping a queue. */
function departuresOf(pushes: readonly Push[], rate: number, limit: number): (number | undefined)[] {
  const passed: { departure: number; size: number }[] = [];
  return pushes.map(({ at, bytes: { length: size } }) => {
    const queued = passed.filter(({ departure }) => departure > at).reduce((sum, entry) => sum + entry.size, 0);
    if (queued > 0 && queued + size > limit) return undefined;
    const departure = Math.max(at, passed.at(-1)?.departure ?? 0) + size / rate;
    passed.push({ departure, size });
    return departure;
  });
}

describe('rate', () => {
  test('sends one after another, each taking size / rate', () => {
    const arrivals = run(new Channel<number>({ rate: 100 }, 1, 'out'), burstOf(5, 1000));
    expect(arrivals.map(({ at }) => at)).toEqual([10, 20, 30, 40, 50]);
  });

  test('comes before the delay, and does not save up while idle', () => {
    const pushes = [0, 5, 100, 100].map((at) => ({ at, bytes: new Uint8Array(1000) }));
    const arrivals = run(new Channel<number>({ rate: 100, delay: 50 }, 1, 'out'), pushes);
    expect(arrivals.map(({ at }) => at)).toEqual([60, 70, 160, 170]);
  });

  test('agrees with a bottleneck that looks through all that ever passed', () => {
    fc.assert(
      // Powers of two: division is exact, and so are the times.
      fc.property(fc.constantFrom(1, 2, 4, 8), fc.nat(400), pushLists, (rate, queue, pushes) => {
        const delays = judgeAll({ rate, queue }, 1, pushes).map(({ copies }) => copies[0]?.delay);
        const expected = departuresOf(pushes, rate, queue).map((at, i) => at && at - (pushes[i]?.at ?? 0));
        expect(delays).toEqual(expected);
      }),
    );
  });

  test('never lets more through than the rate, whatever the load', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), pushLists, (rate, pushes) => {
        const arrivals = run(new Channel<number>({ rate }, 1, 'out'), pushes);
        for (const [from, first] of arrivals.entries()) {
          // All but the first were sent wholly between its arrival and theirs.
          let bytes = 0;
          for (const { at, bytes: datagram } of arrivals.slice(from + 1)) {
            bytes += datagram.length;
            expect(bytes).toBeLessThanOrEqual((at - first.at) * rate + 1e-6);
          }
        }
      }),
    );
  });

  test('what was lost before takes no room, and a duplicate does', () => {
    const departures = (spec: ChannelSpec): number[] =>
      run(new Channel<number>({ rate: 100, ...spec }, 1, 'out'), burstOf(3, 1000)).map(({ at }) => at);
    const dropList = [{ first: 0, last: 1 }];
    const duplicate = { probability: 1, maxDelay: 0 };
    expect(departures({ dropList })).toEqual([10]);
    expect(departures({ duplicate })).toEqual([10, 20, 30, 40, 50, 60]);
    expect(departures({ dropList, duplicate })).toEqual([10, 20]);
  });
});

describe('its queue', () => {
  test('loses what does not fit, the datagram being sent included', () => {
    const channel = new Channel<number>({ rate: 100, queue: 3000 }, 1, 'out');
    const arrivals = run(channel, [
      ...burstOf(5, 1000),
      { at: 9, bytes: new Uint8Array(1000) },
      { at: 10, bytes: new Uint8Array(1000) },
    ]);
    expect(arrivals.map(({ index, at }) => [index, at])).toEqual([
      [0, 10],
      [1, 20],
      [2, 30],
      [6, 40],
    ]);
    expect(channel.stats).toMatchObject({ maxQueue: 3000, lost: { queue: 3 } });
  });

  test('when empty takes even a datagram larger than itself', () => {
    const channel = new Channel<number>({ rate: 100, queue: 10 }, 1, 'out');
    expect(run(channel, steady(5, 10, 1000))).toHaveLength(5);
  });

  test('may have room for the original and not for its duplicate', () => {
    const channel = new Channel<number>({ rate: 100, queue: 1000, duplicate: { probability: 1 } }, 1, 'out');
    expect(run(channel, steady(5, 10, 1000))).toHaveLength(5);
    expect(channel.stats).toMatchObject({ duplicated: 0, lost: { queue: 0 } });
  });

  test.each([
    { name: '64 KiB without a delay', spec: { rate: 1000 }, fitting: 65 },
    { name: '64 KiB where rate times delay is less', spec: { rate: 1000, delay: 10 }, fitting: 65 },
    { name: 'rate times delay where that is more', spec: { rate: 1000, delay: 100 }, fitting: 100 },
  ])('is $name by default', ({ spec, fitting }) => {
    expect(run(new Channel<number>(spec, 1, 'out'), burstOf(200, 1000))).toHaveLength(fitting);
  });

  test('takes any number of empty datagrams without losing count', () => {
    const channel = new Channel<number>({ rate: 100, queue: 1000 }, 1, 'out');
    const pushes = [...burstOf(1, 1000), ...burstOf(500, 0), ...steady(3, 100, 1000).slice(1)];
    expect(run(channel, pushes)).toHaveLength(503);
    expect(channel.stats.maxQueue).toBe(1000);
  });
});
