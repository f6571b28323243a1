import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeededPrng } from '../../src/base/prng.ts';
import type { Bytes, Millis } from '../../src/base/units.ts';
import type { ChannelSpec } from '../../src/channel/spec.ts';
import { createSha256 } from '../../src/crypto/digest.ts';
import { simulateTransfer, type TransferResult } from '../../src/sim/simulate-transfer.ts';
import { memoryEntry } from '../../src/transfer/memory-source.ts';
import { MemoryStore } from '../../src/transfer/memory-store.ts';
import { CHUNK, damage } from '../transfer/resume-phrases.ts';
import { record, sometimes } from './choices.ts';
import { demandLaw, isThorough } from './law.ts';
import { demand } from './side-invariants.ts';

/** A transfer that is cut short at some moment, and what happens to what it left before the next one. */
interface Cut {
  /** Share of what a transfer of the whole file takes. */
  readonly at: number;
  /** Chunks of what was kept that are damaged then. */
  readonly damaged: readonly number[];
  /** What was kept is cut to so many bytes; undefined: it stays. */
  readonly truncated: Bytes | undefined;
  /** The source is another file of the same size from then on. */
  readonly isChanged: boolean;
}

interface Story {
  readonly seed: number;
  readonly size: Bytes;
  readonly cuts: readonly Cut[];
  readonly forward: ChannelSpec;
  readonly backward: ChannelSpec;
}

const FAST = { rate: 20_000, queue: 4 * CHUNK };
const channels = record({
  delay: fc.integer({ min: 0, max: 50 }),
  loss: sometimes(fc.constantFrom(0.01, 0.1)),
  reorder: sometimes(fc.constant({ probability: 0.1, gap: 5 })),
  duplicate: sometimes(fc.constant({ probability: 0.1, maxDelay: 20 })),
}).map((channel) => ({ ...FAST, ...channel }));
const rarely = <T>(yes: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: yes });

const stories: fc.Arbitrary<Story> = record({
  seed: fc.maxSafeNat(),
  size: fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(0, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK) },
    { weight: 3, arbitrary: fc.noBias(fc.integer({ min: CHUNK, max: 8 * CHUNK })) },
  ),
  cuts: fc.array(
    record({
      at: fc.noBias(fc.integer({ min: 0, max: 1100 })).map((thousandths) => thousandths / 1000),
      damaged: sometimes(fc.subarray([0, 1, 2, 3, 4])).map((chosen) => chosen ?? []),
      truncated: rarely(fc.nat(4 * CHUNK)),
      isChanged: rarely(fc.constant(true)).map((chosen) => chosen === true),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  forward: channels,
  backward: channels,
});

/** A pattern that repeats after a prime, so that no chunk is like another. */
const PERIOD = 99_991;
function contentOf(size: Bytes, seed: number): Uint8Array {
  const prng = new SeededPrng(seed, 'content');
  const pattern = Uint8Array.from({ length: PERIOD }, () => prng.nextUint32());
  const content = new Uint8Array(size);
  for (let at = 0; at < size; at += PERIOD) content.set(pattern.subarray(0, size - at), at);
  return content;
}

/** What happened over all stories: a law that was never put to the test proves nothing. */
const seen = { cuts: 0, resumed: 0, repaired: 0, compared: 0, changed: 0 };

/** Tells a whole story and demands what must hold at every end of a process and at the end of it. */
function tell({ seed, size, cuts, forward, backward }: Story): void {
  const store = new MemoryStore(createSha256);
  let version = 0;
  let content = contentOf(size, version);
  let isPlain = true; // nothing but cuts so far
  const run = (until?: Millis, into = store): TransferResult => {
    const config = { idleTimeout: 60_000, maxDatagram: 65_507 };
    const entries = [memoryEntry('file', content, createSha256, { prefixChunks: 2 })];
    const sides = { sender: config, receiver: config };
    const result = simulateTransfer({
      seed,
      entries,
      createDigest: createSha256,
      ...sides,
      forward,
      backward,
      store: into,
      until,
    });
    const bytes = into.published.get('file')?.bytes;
    demand(bytes === undefined || isOneOf(bytes, size, version), 'what is published was sent', bytes?.length);
    return result;
  };
  const { time: whole } = run(undefined, new MemoryStore(createSha256));
  for (const { at, damaged, truncated, isChanged } of cuts) {
    run(at * whole);
    store.crash();
    seen.cuts++;
    const part = store.parts.get('file');
    if (part !== undefined) {
      const harmed = damaged.filter((index) => (index + 1) * CHUNK <= part.length);
      store.parts.set('file', damage(part, harmed).slice(0, truncated));
      isPlain &&= harmed.length === 0 && (truncated === undefined || truncated >= part.length);
    }
    if (!isChanged || store.published.has('file')) continue;
    content = contentOf(size, ++version);
    isPlain = false;
    seen.changed++;
  }
  const isThere = store.published.has('file');
  const kept = store.parts.get('file')?.length ?? 0;
  const before = store.written;
  const { end } = run();
  demand(end?.kind === 'complete', 'the last one completes', JSON.stringify(end?.kind));
  demand(end.outcomes[0]?.status === 'stored', 'and says so', JSON.stringify(end.outcomes));
  const bytes = store.published.get('file')?.bytes ?? new Uint8Array(0);
  demand(Buffer.compare(bytes, content) === 0, 'what is published is what the source is now', bytes.length);
  demand(!isThere || store.written === before, 'what is there is not sent again', store.written - before);
  const most = size + cuts.length * CHUNK;
  demand(!isPlain || store.written <= most, 'at most a chunk is sent again after each cut', store.written, most);
  demand(store.parts.size === 0, 'nothing is left over', store.parts.size);
  seen.compared += Number(isThere);
  seen.resumed += Number(kept >= CHUNK);
  seen.repaired += Number(kept >= CHUNK && store.written - before > size - (kept - (kept % CHUNK)));
}

function isOneOf(bytes: Uint8Array, size: Bytes, versions: number): boolean {
  for (let version = 0; version <= versions; version++) {
    if (Buffer.compare(bytes, contentOf(size, version)) === 0) return true;
  }
  return false;
}

test('however often both sides vanish, and whatever becomes of what they left, the file arrives whole and little is sent again', () => {
  demandLaw(stories, tell, 0.06);
  if (!isThorough) return;
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
});
