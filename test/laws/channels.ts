import fc from 'fast-check';
import type { ChannelSpec } from '../../src/channel/spec.ts';
import { record, sometimes } from './choices.ts';

// Whole numbers without a bias for small ones: faults have to happen, and a counterexample has to be read.
const span = (max: number, min = 0): fc.Arbitrary<number> => fc.noBias(fc.integer({ min, max }));
const share = (max: number): fc.Arbitrary<number> => span(1000 * max).map((thousandths) => thousandths / 1000);

/** Largest one-way delay, in ms: a satellite and a slow radio behind it. */
const MAX_DELAY = 750;
/** How old a copy may be that still arrives, in ms (RFC 8085 section 3.3). */
export const MAX_AGE = 120_000;
const MAX_BLACKOUT = 60_000;

/** One direction at its worst, each fault on its own off in half of the cases. */
export const faults: fc.Arbitrary<ChannelSpec> = record({
  delay: sometimes(span(MAX_DELAY)),
  jitterPerDelay: sometimes(share(2)),
  loss: sometimes(share(0.5)),
  burst: sometimes(record({ loss: share(0.3), length: span(64, 1) })),
  duplicate: sometimes(record({ probability: share(0.5), maxDelay: fc.oneof(span(100), span(MAX_AGE)) })),
  reorder: sometimes(record({ probability: share(0.5), gap: span(500) })),
  corrupt: sometimes(share(0.3)),
  truncate: sometimes(share(0.1)),
  mtu: sometimes(fc.oneof(span(1500, 1200), span(65_507, 1200))),
  blackouts: sometimes(
    fc.array(record({ start: span(60_000), duration: fc.oneof(span(2000), span(MAX_BLACKOUT)) }), {
      minLength: 1,
      maxLength: 2,
    }),
  ),
  bottleneck: sometimes(record({ rate: span(5000, 20), packets: fc.oneof(span(20, 2), span(1000, 2)) })),
}).map(({ jitterPerDelay, burst, bottleneck, delay, ...rest }) => ({
  ...rest,
  delay,
  jitter: jitterPerDelay === undefined ? undefined : jitterPerDelay * (delay ?? 20),
  burst: burst && { enter: burst.loss / burst.length / (1 - burst.loss), leave: 1 / burst.length },
  rate: bottleneck?.rate,
  queue: bottleneck && bottleneck.packets * 1200,
}));
