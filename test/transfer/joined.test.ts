import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TRANSFER_CODE } from '../../src/transfer/codes.ts';
import { Delay } from '../../src/transfer/delay.ts';
import { nameOf, type StoreFault } from '../../src/transfer/memory-sink.ts';
import { memoryEntry } from '../../src/transfer/memory-source.ts';
import { MemoryStore } from '../../src/transfer/memory-store.ts';
import { equalBytes } from '../../src/transfer/outcome.ts';
import { slicesArb } from './arbitraries.ts';
import { createDigest, noise, sha256 } from './bytes.ts';
import { Joined, WIDE } from './joined.ts';

const PIECE = 256;
const sizeArb = fc.oneof(fc.constantFrom(0, 1, 2, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE), fc.nat(3000));
const codeArb = fc.integer({ min: 1, max: 65_535 });

/** One entry and all that is to go wrong with it. */
const entryArb = fc.record({
  size: sizeArb,
  sizeKnown: fc.boolean(),
  source: fc.option(fc.record({ after: sizeArb, code: codeArb }), { nil: undefined, freq: 4 }),
  fault: fc.option(
    fc.oneof(
      fc.record({ kind: fc.constantFrom('skip' as const, 'refuse' as const), code: codeArb }),
      fc.record({ kind: fc.constant('fail' as const), after: sizeArb, code: codeArb }),
    ),
    { nil: undefined, freq: 3 },
  ),
});
type Plan = typeof entryArb extends fc.Arbitrary<infer T> ? T : never;

const shapeArb = fc.record({
  window: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(100_000)),
  slices: slicesArb,
});

/** The model: what must become of an entry by the rules alone. */
function expectedOutcome({ size, source, fault }: Plan): { status: string; code: number } {
  if (fault?.kind === 'skip') return { status: 'skipped', code: fault.code };
  if (fault?.kind === 'refuse') return { status: 'refused', code: fault.code };
  if (source !== undefined) return { status: 'failed', code: source.code };
  if (fault?.kind === 'fail' && fault.after <= size) return { status: 'failed', code: fault.code };
  return { status: 'stored', code: TRANSFER_CODE.ok };
}

test('whatever is slow, small or broken: published is what was sent, everything else has its outcome, on both sides', () => {
  const scenario = fc.record({
    plans: fc.array(entryArb, { maxLength: 12 }),
    toReceiver: shapeArb,
    toSender: shapeArb,
    storeSteps: fc.nat(3),
    sourceSteps: fc.nat(2),
  });
  fc.assert(
    fc.property(scenario, ({ plans, toReceiver, toSender, storeSteps, sourceSteps }) => {
      const storeDelay = new Delay(storeSteps);
      const sourceDelay = new Delay(sourceSteps);
      const contents = plans.map(({ size }, index) => noise(size, index + 1));
      const entries = plans.map(({ source, sizeKnown }, index) => {
        const options = { pieceSize: PIECE, sizeKnown, delay: sourceDelay, ...(source && { failure: source }) };
        return memoryEntry(`${index}`, contents[index] ?? new Uint8Array(0), createDigest, options);
      });
      const fault = ({ path }: { path: readonly Uint8Array[] }): StoreFault | undefined =>
        plans[Number(nameOf(path))]?.fault;
      const store = new MemoryStore(createDigest, { fault, delay: storeDelay });
      const joined = new Joined(entries, store, { toReceiver, toSender }, [storeDelay, sourceDelay]).run();

      expect([joined.sending.violation, joined.receiving.violation]).toEqual([undefined, undefined]);
      expect([joined.sending.state, joined.receiving.state]).toEqual(['complete', 'complete']);
      const expected = plans.map(expectedOutcome);
      expect(joined.sending.outcomes).toMatchObject(expected);
      const received = joined.received.toSorted((a, b) => a.offer.entry - b.offer.entry);
      const localCode = (index: number): object => {
        const plan = plans[index];
        // A store that failed before the source did is known by its own code here.
        const both = plan?.source && plan.fault?.kind === 'fail' && expected[index]?.status === 'failed';
        return both ? { status: 'failed' } : (expected[index] ?? {});
      };
      expect(received).toMatchObject(plans.map((_, index) => localCode(index)));
      const stored = contents.flatMap((bytes, index) =>
        expected[index]?.status === 'stored' ? [[`${index}`, bytes]] : [],
      );
      expect([...store.published].map(([name, { bytes }]) => [name, bytes]).toSorted()).toEqual(stored.toSorted());
      for (const direction of [joined.pipe.toReceiver, joined.pipe.toSender]) {
        expect(direction.consumed).toBe(direction.written);
      }
      // A writer exceeds the window by one piece at most: a message, or the content of one with its header.
      expect(joined.pipe.toReceiver.peak).toBeLessThanOrEqual(toReceiver.window + PIECE + 17);
      expect(joined.pipe.toSender.peak).toBeLessThanOrEqual(toSender.window + 100);
    }),
    { numRuns: 400 },
  );
});

describe('one entry', () => {
  test.each([0, 1, 65_535, 65_536, 65_537, 1_048_576, 1_048_577, 3_000_000])('of %i bytes arrives', (size) => {
    const content = noise(size);
    const store = new MemoryStore(createDigest);
    const entry = memoryEntry('file', content, createDigest, { pieceSize: 2_000_000 });
    const joined = new Joined([entry], store, { toReceiver: { window: 65_536, slices: [1400] }, toSender: WIDE }).run();
    const outcome = { status: 'stored', code: 0, size, digest: sha256(content) };
    expect(joined.sending.outcomes).toMatchObject([outcome]);
    expect(joined.received).toMatchObject([outcome]);
    expect(equalBytes(store.published.get('file')?.bytes ?? noise(1), content)).toBe(true);
    expect(joined.sending.progress).toEqual({
      entries: 1,
      entriesDone: 1,
      bytes: size,
      resumed: 0,
      bytesTotal: size,
      current: undefined,
    });
    expect(joined.receiving.progress).toEqual(joined.sending.progress);
  });
});

test('no entry at all is a complete transfer', () => {
  const joined = new Joined([], new MemoryStore(createDigest), { toReceiver: WIDE, toSender: WIDE }).run();
  expect([joined.sending.state, joined.receiving.state]).toEqual(['complete', 'complete']);
});

test('10,000 tiny entries complete', () => {
  const entries = Array.from({ length: 10_000 }, (_, index) =>
    memoryEntry(`${index}`, Uint8Array.of(index & 255), createDigest, { pieceSize: 100 }),
  );
  const store = new MemoryStore(createDigest);
  const joined = new Joined(entries, store, { toReceiver: { ...WIDE, window: 8192 }, toSender: WIDE }).run();
  expect([joined.sending.state, joined.receiving.state]).toEqual(['complete', 'complete']);
  expect(store.published.size).toBe(10_000);
  expect(joined.sending.outcomes.every((outcome) => outcome?.status === 'stored')).toBe(true);
  expect(joined.received).toHaveLength(10_000);
});

test('content larger than memory should hold passes through a small window', () => {
  const size = 300 * 1024 * 1024;
  const generated = { size, generate: (_offset: number, length: number) => new Uint8Array(length) };
  const store = new MemoryStore(createDigest, { keepBytes: false });
  const entry = memoryEntry('zeros', generated, createDigest, { pieceSize: 1_048_576 });
  const window = 4 * 1_048_576;
  const joined = new Joined([entry], store, { toReceiver: { window, slices: [1_048_576] }, toSender: WIDE }).run();
  expect(joined.sending.outcomes).toMatchObject([{ status: 'stored', size }]);
  expect(joined.pipe.toReceiver.peak).toBeLessThanOrEqual(window + 1_048_576 + 17);
  expect(store.published.get('zeros')?.bytes).toBeUndefined();
});

test('an entry whose path is too long for the protocol fails alone', () => {
  const tooLong = memoryEntry('x'.repeat(256), noise(10), createDigest);
  const fine = memoryEntry('fine', noise(10), createDigest);
  const store = new MemoryStore(createDigest);
  const joined = new Joined([tooLong, fine, tooLong], store, { toReceiver: WIDE, toSender: WIDE }).run();
  expect(joined.sending.state).toBe('complete');
  expect(joined.sending.outcomes.map((outcome) => outcome?.status)).toEqual(['failed', 'stored', 'failed']);
  expect([...store.published.keys()]).toEqual(['fine']);
});

test('two entries of one name: the second is refused or fails, the first is kept', () => {
  const entries = [1, 2].map((seed) => memoryEntry('same', noise(100, seed), createDigest));
  const store = new MemoryStore(createDigest);
  const joined = new Joined(entries, store, { toReceiver: WIDE, toSender: WIDE }).run();
  expect(joined.sending.outcomes).toMatchObject([{ status: 'stored' }, { code: TRANSFER_CODE.exists }]);
  expect(store.published.get('same')?.bytes).toEqual(noise(100, 1));
});
