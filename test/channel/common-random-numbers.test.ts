import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChannelSpec } from '../../src/channel/spec.ts';
import type { Verdict } from '../../src/channel/verdict.ts';
import { pushLists, seeds, specs } from './arbitraries.ts';
import { judgeAll, steady } from './run.ts';

/** What one impairment did to the first copy, or to the datagram. */
type View = (verdict: Verdict) => unknown;
const delayOf: View = ({ copies }) => copies[0]?.delay;

const cases: readonly {
  readonly name: keyof ChannelSpec;
  readonly alone: ChannelSpec;
  readonly view: View;
  /** Impairments whose effect the view cannot tell from the one looked at. */
  readonly without: readonly (keyof ChannelSpec)[];
}[] = [
  {
    name: 'duplicate',
    alone: { duplicate: { probability: 0.5 } },
    view: ({ copies }) => copies.length,
    without: ['rate'],
  },
  { name: 'jitter', alone: { jitter: 10 }, view: delayOf, without: ['delay', 'reorder', 'rate'] },
  { name: 'reorder', alone: { reorder: { probability: 0.5 } }, view: delayOf, without: ['delay', 'jitter', 'rate'] },
  { name: 'corrupt', alone: { corrupt: 0.5 }, view: ({ copies }) => copies[0]?.flips, without: [] },
  { name: 'truncate', alone: { truncate: 0.5 }, view: ({ copies }) => copies[0]?.cut, without: [] },
];

const omit = (spec: ChannelSpec, names: readonly (keyof ChannelSpec)[]): ChannelSpec =>
  Object.fromEntries(Object.entries(spec).filter(([name]) => !names.some((omitted) => omitted === name)));

describe('whatever else is switched on', () => {
  test.each(cases)('$name does the same to each datagram that survives', ({ name, alone, view, without }) => {
    fc.assert(
      fc.property(specs, seeds, pushLists, (others, seed, pushes) => {
        const combined = judgeAll({ ...omit(others, [...without, name]), ...alone }, seed, pushes);
        const single = judgeAll(alone, seed, pushes);
        for (const [index, verdict] of combined.entries()) {
          if (verdict.copies.length > 0) expect(view(verdict)).toEqual(view(single[index] ?? { copies: [] }));
        }
      }),
    );
  });

  test.each([
    { cause: 'loss', alone: { loss: 0.5 } },
    { cause: 'burst', alone: { burst: { enter: 0.2, leave: 0.4 } } },
  ] as const)('$cause loses the same datagrams', ({ cause, alone }) => {
    fc.assert(
      fc.property(specs, seeds, pushLists, (others, seed, pushes) => {
        const combined = judgeAll({ ...others, ...alone }, seed, pushes);
        for (const [index, single] of judgeAll(alone, seed, pushes).entries()) {
          const isLost = single.copies.length === 0;
          if (isLost) expect(combined[index]?.copies).toEqual([]);
          else expect(combined[index]?.cause).not.toBe(cause);
        }
      }),
    );
  });
});

describe('whatever its own probability', () => {
  test.each<{ name: string; at: (probability: number) => ChannelSpec; isPicked: (verdict: Verdict) => boolean }>([
    { name: 'loss', at: (loss) => ({ loss }), isPicked: ({ copies }) => copies.length === 0 },
    {
      name: 'duplicate',
      at: (probability) => ({ duplicate: { probability } }),
      isPicked: ({ copies }) => copies.length === 2,
    },
    {
      name: 'reorder',
      at: (probability) => ({ reorder: { probability } }),
      isPicked: ({ copies }) => copies[0]?.delay !== 0,
    },
    { name: 'corrupt', at: (corrupt) => ({ corrupt }), isPicked: ({ copies }) => copies[0]?.flips !== undefined },
    { name: 'truncate', at: (truncate) => ({ truncate }), isPicked: ({ copies }) => copies[0]?.cut !== undefined },
  ])('$name picks at a higher one all that it picks at a lower one', ({ at, isPicked }) => {
    const picks = (probability: number, seed: number) => judgeAll(at(probability), seed, steady(60, 1)).map(isPicked);
    fc.assert(
      fc.property(seeds, (seed) => {
        const more = picks(0.6, seed);
        for (const [index, isLow] of picks(0.3, seed).entries()) expect(more[index] || !isLow).toBe(true);
      }),
    );
  });
});

describe('whatever the traffic', () => {
  test('the k-th datagram meets the same fate, at any size and any time', () => {
    const spec: ChannelSpec = {
      loss: 0.2,
      burst: { enter: 0.1, leave: 0.5 },
      duplicate: { probability: 0.3 },
      jitter: 20,
      reorder: { probability: 0.3 },
    };
    fc.assert(
      fc.property(seeds, pushLists, (seed, pushes) => {
        expect(judgeAll(spec, seed, pushes)).toEqual(judgeAll(spec, seed, steady(pushes.length, 1)));
      }),
    );
  });

  test('which datagrams are damaged does not depend on their sizes', () => {
    const pickedAt = (size: number) =>
      judgeAll({ corrupt: 0.3, truncate: 0.3 }, 4, steady(500, 1, size)).map(({ copies }) => [
        copies[0]?.cut !== undefined,
        copies[0]?.flips?.length,
      ]);
    expect(pickedAt(8)).toEqual(pickedAt(1400));
  });
});
