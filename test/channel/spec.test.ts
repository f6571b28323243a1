import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ChannelSpec, isClear, validateSpec } from '../../src/channel/spec.ts';
import { UNTOUCHED } from '../../src/channel/verdict.ts';
import { pushLists, seeds, specs } from './arbitraries.ts';
import { judgeAll } from './run.ts';

describe('validateSpec()', () => {
  test.each<{ name: string; spec: ChannelSpec; fault: RegExp }>([
    { name: 'a probability above 1', spec: { loss: 5 }, fault: /^loss: 5 / },
    { name: 'a negative probability', spec: { corrupt: -0.1 }, fault: /^corrupt: -0.1 / },
    { name: 'a probability that is no number', spec: { truncate: Number.NaN }, fault: /^truncate: NaN / },
    { name: 'a burst that enters too often', spec: { burst: { enter: 2, leave: 0.5 } }, fault: /^burst enter: 2 / },
    { name: 'a burst that leaves too often', spec: { burst: { enter: 0.5, leave: 2 } }, fault: /^burst leave: 2 / },
    { name: 'too many duplicates', spec: { duplicate: { probability: 1.5 } }, fault: /^duplicate: 1.5 / },
    {
      name: 'a duplicate before its original',
      spec: { duplicate: { probability: 1, maxDelay: -1 } },
      fault: /^duplicate delay: -1 /,
    },
    { name: 'an MTU below 0', spec: { mtu: -1 }, fault: /^mtu: -1 / },
    { name: 'a delay without end', spec: { delay: Infinity }, fault: /^delay: Infinity / },
    { name: 'a negative jitter', spec: { jitter: -3 }, fault: /^jitter: -3 / },
    { name: 'too much reordering', spec: { reorder: { probability: 7 } }, fault: /^reorder: 7 / },
    { name: 'an endless gap', spec: { reorder: { probability: 1, gap: Infinity } }, fault: /^reorder gap: Infinity / },
    { name: 'a rate of nothing', spec: { rate: 0 }, fault: /^rate: 0 / },
    { name: 'an infinite rate', spec: { rate: Infinity }, fault: /^rate: Infinity / },
    { name: 'a negative queue', spec: { rate: 1, queue: -1 }, fault: /^queue: -1 / },
    { name: 'a range backwards', spec: { dropList: [{ first: 5, last: 3 }] }, fault: /^drop list: 5-3 / },
    { name: 'half a datagram', spec: { dropList: [{ first: 0.5, last: 3 }] }, fault: /^drop list: 0.5-3 / },
    { name: 'an index below 0', spec: { dropList: [{ first: -1, last: 3 }] }, fault: /^drop list: -1-3 / },
    { name: 'a blackout before the start', spec: { blackouts: [{ start: -1, duration: 5 }] }, fault: /^blackout: / },
    { name: 'a blackout of NaN', spec: { blackouts: [{ start: 1, duration: Number.NaN }] }, fault: /^blackout: / },
    {
      name: 'a blackout that never ends',
      spec: { blackouts: [{ start: 0, duration: 5, every: 5 }] },
      fault: /^blackout: the period 5 /,
    },
  ])('names $name', ({ spec, fault }) => {
    expect(validateSpec(spec)).toMatch(fault);
    expect(validateSpec(spec)).not.toContain('\n');
  });

  test('accepts what is sound', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        expect(validateSpec(spec)).toBeUndefined();
      }),
    );
  });
});

describe('isClear()', () => {
  test.each<{ name: string; spec: ChannelSpec }>([
    { name: 'an empty spec', spec: {} },
    { name: 'a queue without a rate', spec: { queue: 5 } },
    {
      name: 'zeros',
      spec: {
        loss: 0,
        burst: { enter: 0, leave: 0.5 },
        dropList: [],
        blackouts: [{ start: 0, duration: 0 }],
        duplicate: { probability: 0 },
        delay: 0,
        jitter: 0,
        reorder: { probability: 0 },
        corrupt: 0,
        truncate: 0,
      },
    },
  ])('is true for $name, and nothing is touched', ({ spec }) => {
    expect(isClear(spec)).toBe(true);
    fc.assert(
      fc.property(seeds, pushLists, (seed, pushes) => {
        expect(judgeAll(spec, seed, pushes)).toEqual(pushes.map(() => UNTOUCHED));
      }),
      { numRuns: 30 },
    );
  });

  test.each<ChannelSpec>([
    { loss: 0.1 },
    { burst: { enter: 0.1, leave: 0 } },
    { dropList: [{ first: 0, last: 0 }] },
    { blackouts: [{ start: 5, duration: 1 }] },
    { duplicate: { probability: 0.1 } },
    { delay: 1 },
    { jitter: 1 },
    { reorder: { probability: 0.1 } },
    { corrupt: 0.1 },
    { truncate: 0.1 },
    { mtu: 65_507 },
    { rate: 1e9 },
  ])('is false for %o', (spec) => expect(isClear(spec)).toBe(false));
});
