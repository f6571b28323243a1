import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Delay } from '../../src/transfer/delay.ts';
import { MemoryStore } from '../../src/transfer/memory-store.ts';
import { equalBytes } from '../../src/transfer/outcome.ts';
import { ReceivingTransfer } from '../../src/transfer/receiving.ts';
import { SendingTransfer } from '../../src/transfer/sending.ts';
import { nearlyValidArb } from './arbitraries.ts';
import { createDigest, sha256 } from './bytes.ts';
import type { SentMessage } from './codec.ts';
import { abort, content, done, end, missing, NOBODY, offer, prefix, receipt, verdict } from './phrases.ts';
import { CHUNK, chunk, chunks, damage, FILE, fileEntry } from './resume-phrases.ts';
import { ScriptedStream } from './scripted-stream.ts';

// Peers of bad faith while a file is resumed: the receiver has two chunks of three and a half, the second damaged.

const KEPT = 2 * CHUNK;
const HALF = CHUNK / 2;

function resuming(delay = new Delay()): { store: MemoryStore; stream: ScriptedStream; receiving: ReceivingTransfer } {
  const store = new MemoryStore(createDigest, { delay });
  store.parts.set('0', damage(FILE.slice(0, KEPT), [1]));
  const stream = new ScriptedStream();
  const receiving = new ReceivingTransfer(store, stream, () => {}, NOBODY);
  stream.say(offer(0, FILE.length));
  receiving.step();
  for (; !stream.heard().some(({ kind }) => kind === 'verdict'); receiving.step()) delay.advance();
  return { store, stream, receiving };
}

/** What a sender can say of this file, right or wrong. */
const PHRASES = {
  first: prefix(0, 0, [chunk(0)]),
  second: prefix(0, CHUNK, [chunk(1)]),
  both: prefix(0, 0, chunks(0, 2)),
  beyond: prefix(0, KEPT, [chunk(2)]),
  tail: content(0, KEPT, chunk(2)),
  rest: content(0, 3 * CHUNK, chunk(3)),
  repairStart: content(0, CHUNK, chunk(1).subarray(0, HALF)),
  repairEnd: content(0, CHUNK + HALF, chunk(1).subarray(HALF)),
  repair: content(0, CHUNK, chunk(1)),
  wrongRepair: content(0, 0, chunk(0)),
  end: end(0, FILE),
  abort: abort(0),
  done: done(1),
} satisfies Record<string, SentMessage>;
type Phrase = keyof typeof PHRASES;
const anyPhrase = fc.constantFrom(...(Object.keys(PHRASES) as Phrase[]));

/** The rules of PROTOCOL.md, section "Resuming", told again in the simplest way. */
function isAllowed(said: readonly Phrase[]): boolean {
  let [digests, tail, repaired] = [0, 0, 0];
  let phase = 'open';
  for (const what of said) {
    const isOpen = phase === 'open';
    if (what === 'done' && phase === 'closed') phase = 'done';
    else if (what === 'abort' && isOpen) phase = 'closed';
    else if (what === 'end' && isOpen && digests === 2 && tail === 2 && repaired === 2) phase = 'closed';
    else if (what === 'first' && isOpen && digests === 0) digests = 1;
    else if (what === 'second' && isOpen && digests === 1) digests = 2;
    else if (what === 'both' && isOpen && digests === 0) digests = 2;
    else if (what === 'tail' && isOpen && tail === 0) tail = 1;
    else if (what === 'rest' && isOpen && tail === 1) tail = 2;
    else if (what === 'repair' && isOpen && digests === 2 && repaired === 0) repaired = 2;
    else if (what === 'repairStart' && isOpen && digests === 2 && repaired === 0) repaired = 1;
    else if (what === 'repairEnd' && isOpen && repaired === 1) repaired = 2;
    else return false;
  }
  return true;
}

test('any order of prefixes, content and ends is judged as the rules say, and published is the file or nothing', () => {
  const goodFaith: Phrase[] = ['both', 'tail', 'repairStart', 'rest', 'repairEnd', 'end', 'done'];
  const scripts = fc.oneof(
    fc.array(anyPhrase, { maxLength: 8 }),
    // Close to what is right: some of it left out, and one thing put in between.
    fc.tuple(fc.subarray(goodFaith), anyPhrase, fc.nat(7)).map(([some, stray, at]) => {
      return some.toSpliced(at, 0, stray);
    }),
    fc.constant(goodFaith),
  );
  const ends = new Set<string>();
  fc.assert(
    fc.property(scripts, (script) => {
      const { store, stream, receiving } = resuming();
      const said: Phrase[] = [];
      for (const what of script) {
        if (!isAllowed(said) || said.includes('done')) break;
        said.push(what);
        stream.say(PHRASES[what]);
        receiving.step();
        // A memory store takes everything at once, so nothing may be held back from a running transfer.
        if (receiving.state === 'running') expect(stream.bytesConsumed).toBe(stream.bytesRead);
      }
      expect([said, receiving.violation === undefined]).toEqual([said, isAllowed(said)]);
      const published = store.published.get('0')?.bytes;
      expect(published !== undefined).toBe(
        isAllowed(said.slice(0, said.lastIndexOf('end') + 1)) && said.includes('end'),
      );
      if (published !== undefined) expect(equalBytes(published, FILE)).toBe(true);
      ends.add(receiving.violation ?? receiving.state);
    }),
    { numRuns: 300 },
  );
  expect([...ends]).toEqual(expect.arrayContaining(['complete', 'running']));
  expect(ends.size).toBeGreaterThan(6);
}, 60_000);

test('digests and content that are wrong are found: nothing is published, and the receiver goes on', () => {
  const { store, stream, receiving } = resuming();
  // Digests that all fit what is damaged there, so that nothing is asked for again.
  const kept = damage(FILE.slice(0, KEPT), [1]);
  stream.say(prefix(0, 0, [kept.subarray(0, CHUNK), kept.subarray(CHUNK)]));
  stream.say(PHRASES.tail, PHRASES.rest);
  receiving.step();
  expect(stream.heard()).toEqual([missing(0, 0, '00')]);
  stream.say(end(0, FILE), done(1));
  receiving.step();
  expect(stream.heard()).toMatchObject([{ kind: 'receipt', code: 5 }]);
  expect([receiving.state, store.published.size]).toEqual(['complete', 0]);
});

test('noise after a resumed offer never throws, at a slow store neither', () => {
  fc.assert(
    fc.property(nearlyValidArb, fc.nat(2), (bytes, steps) => {
      const delay = new Delay(steps);
      const { store, stream, receiving } = resuming(delay);
      stream.sayBytes(bytes);
      for (let turn = 0; turn < 5; turn++) {
        receiving.step();
        delay.advance();
      }
      receiving.abort();
      expect(store.published.size).toBe(0);
    }),
    { numRuns: 100 },
  );
}, 60_000);

test('no answers at all make a resuming sender throw, send what is not its file, or report success without a receipt', () => {
  const answers: Record<string, SentMessage> = {
    resume: verdict(0, { offset: KEPT }),
    whole: verdict(0, { offset: 3 * CHUNK }),
    fresh: verdict(0),
    compare: verdict(0, { verdict: 'compare' }),
    none: missing(0, 0, '00'),
    all: missing(0, 0, '11'),
    three: missing(0, 0, '101'),
    other: missing(0, CHUNK, '1'),
    stored: receipt(0, { size: FILE.length, digest: sha256(FILE) }),
    failed: receipt(0, { code: 3 }),
  };
  const statuses = new Set<string | undefined>();
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...Object.keys(answers)), { maxLength: 5 }), (script) => {
      const stream = new ScriptedStream();
      const sending = new SendingTransfer([fileEntry()], stream, () => {});
      sending.step();
      for (const what of script) {
        stream.say(answers[what] as SentMessage);
        sending.step();
        for (const message of stream.heard()) {
          if (message.kind !== 'content') continue;
          const { offset, bytes } = message;
          expect(equalBytes(bytes, FILE.subarray(offset, offset + bytes.length))).toBe(true);
        }
      }
      const [outcome] = sending.outcomes;
      if (outcome?.status === 'stored') expect(script).toContain('stored');
      const { bytes, bytesTotal, resumed } = sending.progress;
      if (sending.state === 'running') expect([resumed >= 0, bytes <= bytesTotal]).toEqual([true, true]);
      statuses.add(outcome?.status ?? sending.violation?.slice(0, 8));
    }),
    { numRuns: 300 },
  );
  expect(statuses.size).toBeGreaterThan(3);
}, 60_000);
