import fc from 'fast-check';
import { join } from './bytes.ts';
import { encodeMessage, type SentMessage } from './codec.ts';

const uint53 = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 1, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER));
const entry = fc.oneof(fc.nat(3), fc.constantFrom(2 ** 31, 2 ** 32 - 1));
const code = fc.integer({ min: 0, max: 65_535 });
const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
const text = fc.string({ maxLength: 60, unit: 'grapheme' }).map((words) => new TextEncoder().encode(words));
const maybe = <T>(arb: fc.Arbitrary<T>) => fc.option(arb, { nil: undefined });

const offerArb = fc
  .record({
    kind: fc.constant('offer' as const),
    entry,
    entryKind: fc.constantFrom('file' as const, 'directory' as const, 'link' as const),
    size: maybe(uint53),
    mtime: maybe(fc.maxSafeInteger()),
    mode: maybe(code),
    fresh: fc.boolean(),
    path: fc.array(fc.oneof(bytes(1, 20), bytes(255, 255)), { minLength: 1, maxLength: 12 }),
    target: bytes(0, 100),
  })
  .map((offer) => (offer.entryKind === 'link' ? offer : { ...offer, target: new Uint8Array(0) }));

const contentArb = fc
  .record({ kind: fc.constantFrom('content' as const, 'early' as const), entry, offset: uint53, bytes: bytes(1, 300) })
  .map((content) => ({ ...content, offset: Math.min(content.offset, Number.MAX_SAFE_INTEGER - 300) }));

/** The first of at most 64 chunks of 1 MiB, the last of which ends below 2^53. */
const chunk = fc
  .oneof(fc.nat(100), fc.constantFrom(2 ** 12, 2 ** 33 - 65), fc.nat(2 ** 31 - 1))
  .map((index) => index * 2 ** 20);

/** Every message there is, with every extreme of its fields. */
export const messageArb: fc.Arbitrary<SentMessage> = fc.oneof(
  offerArb,
  contentArb,
  fc.record({ kind: fc.constant('end' as const), entry, size: uint53, digest: bytes(32, 32) }),
  fc.record({ kind: fc.constant('abort' as const), entry, code: code.map((any) => any || 1), text }),
  fc.record({ kind: fc.constant('done' as const), entries: entry }),
  fc.record({
    kind: fc.constant('prefix' as const),
    entry,
    offset: chunk,
    digests: fc.array(bytes(32, 32), { minLength: 1, maxLength: 64 }),
  }),
  fc.record({
    kind: fc.constant('missing' as const),
    entry,
    offset: chunk,
    isMissing: fc.array(fc.boolean(), { minLength: 1, maxLength: 64 }),
  }),
  fc.record({
    kind: fc.constant('verdict' as const),
    entry,
    verdict: fc.constantFrom('accept' as const, 'skip' as const, 'refuse' as const, 'compare' as const),
    code,
    offset: uint53,
    text,
  }),
  fc.record({ kind: fc.constant('receipt' as const), entry, code, size: uint53, digest: bytes(32, 32), text }),
);

/** Where to cut a stream: sizes of slices, used in turn; single bytes come often. */
export const slicesArb = fc.array(
  fc.oneof(
    fc.constant(1),
    fc.integer({ min: 1, max: 40 }),
    fc.nat(2000).map((n) => n + 1),
  ),
  {
    minLength: 1,
    maxLength: 12,
  },
);

/** Streams near the valid ones: messages, some of them with damaged bytes, cut out, repeated or replaced by noise. */
export const nearlyValidArb = fc
  .array(
    fc.record({
      message: messageArb,
      damage: fc.oneof(
        { weight: 4, arbitrary: fc.constant('none' as const) },
        fc.constantFrom('flip' as const, 'cut' as const, 'twice' as const, 'noise' as const),
      ),
      at: fc.nat(),
      noise: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    }),
    { maxLength: 12 },
  )
  .map((parts) =>
    join(parts.map(({ message, damage, at, noise }) => damaged(encodeMessage(message), damage, at, noise))),
  );

function damaged(
  whole: Uint8Array,
  damage: 'none' | 'flip' | 'cut' | 'twice' | 'noise',
  at: number,
  noise: Uint8Array,
) {
  switch (damage) {
    case 'none':
      return whole;
    case 'flip':
      return whole.map((byte, index) => (index === at % whole.length ? byte ^ (1 << (at % 8)) : byte));
    case 'cut':
      return whole.subarray(0, at % whole.length);
    case 'twice':
      return join([whole, whole]);
    case 'noise':
      return noise;
  }
}
