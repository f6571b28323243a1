import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Delay } from '../../src/transfer/delay.ts';
import type { StoreFault } from '../../src/transfer/memory-sink.ts';
import { memoryEntry } from '../../src/transfer/memory-source.ts';
import { MemoryStore } from '../../src/transfer/memory-store.ts';
import { equalBytes } from '../../src/transfer/outcome.ts';
import { slicesArb } from './arbitraries.ts';
import { createDigest } from './bytes.ts';
import { Joined } from './joined.ts';
import { CHUNK, damage, FILE, fileEntry } from './resume-phrases.ts';

const HAVE = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2.5 * CHUNK, 3 * CHUNK, 3.5 * CHUNK - 1, 3.5 * CHUNK];

const rarely = <T>(yes: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: yes });

test('whatever is left from an earlier time, however damaged: published is the file, and only what differs is sent again', () => {
  const cases = fc.record({
    have: fc.constantFrom(...HAVE),
    damaged: fc.subarray([0, 1, 2]),
    prefixChunks: fc.constantFrom(1, 2, 64),
    slices: slicesArb.map((sizes) => sizes.map((size) => 997 * size)),
    window: fc.constantFrom(1000, CHUNK, 8 * CHUNK),
    back: fc.constantFrom(1, 1000),
    storeSteps: fc.nat(3),
    sourceSteps: fc.nat(2),
    sourceFails: rarely(fc.constantFrom(0, 2 * CHUNK, 3.25 * CHUNK)),
    storeFails: rarely(fc.constantFrom(0, 1, CHUNK / 2)),
  });
  const repaired = new Set<number>();
  fc.assert(
    fc.property(cases, ({ have, damaged, prefixChunks, slices, window, back, storeFails, sourceFails, ...steps }) => {
      const storeDelay = new Delay(steps.storeSteps);
      const sourceDelay = new Delay(steps.sourceSteps);
      const fault = (): StoreFault | undefined =>
        storeFails === undefined ? undefined : { kind: 'fail', after: storeFails, code: 3 };
      const store = new MemoryStore(createDigest, { delay: storeDelay, fault });
      const offset = have - (have % CHUNK);
      store.parts.set(
        '0',
        damage(
          FILE.slice(0, have),
          damaged.filter((i) => (i + 1) * CHUNK <= offset),
        ),
      );
      const failure = sourceFails === undefined ? {} : { failure: { after: sourceFails, code: 9 } };
      const entry = fileEntry('0', { prefixChunks, delay: sourceDelay, ...failure });
      const shape = { toReceiver: { window, slices }, toSender: { window: back, slices: [1, 300] } };
      const joined = new Joined([entry], store, shape, [storeDelay, sourceDelay]).run();

      expect([joined.sending.violation, joined.receiving.violation]).toEqual([undefined, undefined]);
      expect([joined.sending.state, joined.receiving.state]).toEqual(['complete', 'complete']);
      const bad = damaged.filter((i) => (i + 1) * CHUNK <= offset).length;
      const published = store.published.get('0')?.bytes;
      const code = joined.sending.outcomes[0]?.code;
      if (storeFails === undefined && sourceFails === undefined) {
        expect(code).toBe(0);
        expect(store.written).toBe(FILE.length - offset + bad * CHUNK);
        expect(joined.sending.progress).toEqual(joined.receiving.progress);
        expect(joined.sending.progress).toMatchObject({ bytes: FILE.length, resumed: offset - bad * CHUNK });
        repaired.add(bad);
      } else {
        expect(code).toBeOneOf(sourceFails === undefined ? [0, 3] : [9]);
      }
      expect(published !== undefined).toBe(code === 0);
      if (published !== undefined) expect(equalBytes(published, FILE)).toBe(true);
      for (const { consumed, written } of [joined.pipe.toReceiver, joined.pipe.toSender])
        expect(consumed).toBe(written);
    }),
    { numRuns: 60 },
  );
  for (const count of [0, 1]) expect(repaired).toContain(count);
}, 60_000);

test('a second sending of the same file sends nothing, one of another file of the same size is told so', () => {
  const store = new MemoryStore(createDigest);
  const wide = { toReceiver: { window: 8 * CHUNK, slices: [CHUNK] }, toSender: { window: 1000, slices: [1000] } };
  const send = (entry = fileEntry()): Joined => new Joined([entry], store, wide).run();
  expect(send().sending.outcomes).toMatchObject([{ status: 'stored', code: 0 }]);
  const again = send();
  expect(again.sending.outcomes).toMatchObject([{ status: 'stored', code: 0 }]);
  expect(again.sending.progress).toEqual(again.receiving.progress);
  expect(again.sending.progress).toMatchObject({ bytes: FILE.length, resumed: FILE.length });
  expect(again.pipe.toReceiver.written).toBeLessThan(200);
  const other = memoryEntry('0', damage(FILE.slice(), [0]), createDigest);
  expect(send(other).sending.outcomes).toMatchObject([{ status: 'failed', code: 1 }]);
  expect(store.written).toBe(FILE.length);
  expect(equalBytes(store.published.get('0')?.bytes ?? new Uint8Array(0), FILE)).toBe(true);
});
