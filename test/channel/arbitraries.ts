import fc from 'fast-check';
import type { ChannelSpec } from '../../src/channel/spec.ts';
import type { Push } from './run.ts';

export const seeds = fc.maxSafeNat();

const probability = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));
const span = (max: number) => fc.double({ min: 0, max, noNaN: true });

const ranges = fc
  .array(fc.tuple(fc.nat(40), fc.nat(5)), { maxLength: 4 })
  .map((pairs) => pairs.map(([first, more]) => ({ first, last: first + more })));

const blackouts = fc
  .array(fc.tuple(span(100), span(50), fc.option(fc.integer({ min: 1, max: 100 }))), { maxLength: 3 })
  .map((list) =>
    list.map(([start, duration, rest]) => ({ start, duration, ...(rest !== null && { every: duration + rest }) })),
  );

/** Any sound spec, each impairment present or not. */
export const specs: fc.Arbitrary<ChannelSpec> = fc.record(
  {
    loss: probability,
    burst: fc.record({ enter: probability, leave: probability }),
    dropList: ranges,
    blackouts,
    duplicate: fc.record({ probability, maxDelay: span(50) }, { requiredKeys: ['probability'] }),
    delay: span(100),
    jitter: span(50),
    reorder: fc.record({ probability, gap: span(50) }, { requiredKeys: ['probability'] }),
    corrupt: probability,
    truncate: probability,
    mtu: fc.nat(100),
    rate: fc.integer({ min: 1, max: 1000 }),
    queue: fc.nat(5000),
  },
  { requiredKeys: [] },
);

/** Up to 40 datagrams of 0 to 60 bytes, 0 to 20 ms apart. */
export const pushLists: fc.Arbitrary<Push[]> = fc
  .array(fc.tuple(fc.nat(20), fc.uint8Array({ maxLength: 60 })), { maxLength: 40 })
  .map((steps) => {
    let at = 0;
    return steps.map(([step, bytes]) => {
      at += step;
      return { at, bytes };
    });
  });
