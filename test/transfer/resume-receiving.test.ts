import { describe, expect, test } from 'vitest';
import { Delay } from '../../src/transfer/delay.ts';
import { MemoryStore } from '../../src/transfer/memory-store.ts';
import { equalBytes } from '../../src/transfer/outcome.ts';
import type { Sink, Store } from '../../src/transfer/ports.ts';
import { ReceivingTransfer } from '../../src/transfer/receiving.ts';
import { createDigest, sha256, utf8 } from './bytes.ts';
import type { SentMessage } from './codec.ts';
import { abort, CONTENT, content, done, end, missing, NOBODY, offer, prefix } from './phrases.ts';
import { CHUNK, chunk, chunks, FILE, storeWith } from './resume-phrases.ts';
import { ScriptedStream } from './scripted-stream.ts';

const NOTHING = new Uint8Array(0);
const TAIL = 3 * CHUNK;
const tail = content(0, TAIL, FILE.subarray(TAIL));
const whole = prefix(0, 0, chunks(0, 3));

/** A receiver that has heard the offer of the file. */
function offered(store: Store): { stream: ScriptedStream; receiving: ReceivingTransfer; say: Say } {
  const stream = new ScriptedStream();
  const receiving = new ReceivingTransfer(store, stream, () => {}, NOBODY);
  const say: Say = (...messages) => {
    stream.say(...messages);
    receiving.step();
    return stream.heard();
  };
  return { stream, receiving, say };
}
type Say = (...messages: SentMessage[]) => ReturnType<ScriptedStream['heard']>;

test('what is here is asked for by its offset, compared, repaired, and the whole verified', () => {
  const store = storeWith(3, [1]);
  const { receiving, say } = offered(store);
  expect(say(offer(0, FILE.length))).toMatchObject([{ kind: 'verdict', verdict: 'accept', offset: TAIL }]);
  expect(receiving.progress).toMatchObject({ bytes: TAIL, resumed: TAIL, bytesTotal: FILE.length });
  expect(receiving.takeResumptions()).toMatchObject([{ offer: { size: FILE.length }, offset: TAIL }]);
  expect(receiving.takeResumptions()).toEqual([]);
  expect(say(prefix(0, 0, chunks(0, 2)), prefix(0, 2 * CHUNK, chunks(2, 3)))).toEqual([
    missing(0, 0, '01'),
    missing(0, 2 * CHUNK, '0'),
  ]);
  expect(receiving.progress).toMatchObject({ bytes: 2 * CHUNK, resumed: 2 * CHUNK });
  // The tail and the repair take turns.
  const repair = chunk(1);
  const half = FILE.length - CHUNK / 4;
  say(content(0, CHUNK, repair.subarray(0, 10)), content(0, TAIL, FILE.subarray(TAIL, half)));
  say(content(0, CHUNK + 10, repair.subarray(10)), content(0, half, FILE.subarray(half)));
  expect(say(end(0, FILE), done(1))).toMatchObject([{ kind: 'receipt', code: 0, digest: sha256(FILE) }]);
  expect(receiving.state).toBe('complete');
  expect(equalBytes(store.published.get('0')?.bytes ?? NOTHING, FILE)).toBe(true);
  expect(receiving.progress).toMatchObject({ bytes: FILE.length, resumed: 2 * CHUNK, bytesTotal: FILE.length });
  expect(store.written).toBe(FILE.length - 2 * CHUNK);
  expect(receiving.takeOutcomes()).toMatchObject([{ status: 'stored', resumed: 2 * CHUNK, alreadyThere: false }]);
});

describe('a sender that resumes against the rules is found out, and nothing is published', () => {
  const table: { name: string; said: SentMessage[][]; violation: RegExp; damaged?: number[]; have?: number }[] = [
    { name: 'prefix before the verdict', said: [[offer(1), { ...whole, entry: 1 }]], violation: /whose turn/ },
    { name: 'prefix of another entry', said: [[{ ...whole, entry: 1 }]], violation: /whose turn it is not/ },
    { name: 'prefix without resume', said: [[whole]], violation: /beyond what there is/, have: 0 },
    { name: 'prefix that skips a chunk', said: [[prefix(0, CHUNK, chunks(1, 2))]], violation: /prefix out of order/ },
    { name: 'prefix twice', said: [[whole, whole]], violation: /prefix out of order/ },
    { name: 'prefix of a chunk too many', said: [[prefix(0, 0, chunks(0, 4))]], violation: /beyond what there is/ },
    { name: 'prefix after the last', said: [[whole, prefix(0, TAIL, [CONTENT])]], violation: /beyond what there is/ },
    { name: 'content from the start', said: [[content(0, 0, CONTENT)]], violation: /does not continue/ },
    {
      name: 'content of a chunk that is not missing',
      said: [[whole], [content(0, 0, CONTENT)]],
      violation: /continue/,
    },
    { name: 'end without a prefix', said: [[tail, end(0, FILE)]], violation: /all of the prefix/ },
    {
      name: 'end with half of it',
      said: [[prefix(0, 0, chunks(0, 1)), tail, end(0, FILE)]],
      violation: /all of the pre/,
    },
    { name: 'end before the answer', said: [[whole, tail, end(0, FILE)]], violation: /all of the prefix/ },
    { name: 'end without the tail', said: [[whole], [end(0, FILE)]], violation: /another size than was sent/ },
    {
      name: 'end without the missing chunk',
      said: [[whole], [tail, end(0, FILE)]],
      violation: /all that was missing/,
      damaged: [1],
    },
    {
      name: 'end in the middle of the missing chunk',
      said: [[whole], [tail, content(0, CHUNK, chunk(1).subarray(1)), end(0, FILE)]],
      violation: /all that was missing/,
      damaged: [1],
    },
    {
      name: 'the missing chunk from its middle',
      said: [[whole], [content(0, CHUNK + 1, CONTENT)]],
      violation: /does not continue/,
      damaged: [1],
    },
    {
      name: 'the missing chunk before it was asked for',
      said: [[whole, content(0, CHUNK, CONTENT)]],
      violation: /does not continue/,
      damaged: [1],
    },
    {
      name: 'the missing chunk and more',
      said: [[whole], [content(0, CHUNK, CONTENT), content(0, CHUNK + 100, chunk(1))]],
      violation: /does not continue/,
      damaged: [1, 2],
    },
    {
      name: 'the second missing chunk first',
      said: [[whole], [content(0, 2 * CHUNK, CONTENT)]],
      violation: /does not continue/,
      damaged: [1, 2],
    },
    {
      name: 'the missing chunk twice',
      said: [[whole], [content(0, 0, chunk(0)), content(0, 0, chunk(0))]],
      violation: /does not continue/,
      damaged: [0],
    },
    { name: 'done before the end', said: [[whole], [tail, done(1)]], violation: /before all content/ },
    { name: 'missing', said: [[missing(0, 0, '1')]], violation: /sends no missing/ },
  ];

  test.each(table)('$name', ({ said, violation, damaged = [], have = 3 }) => {
    const store = storeWith(have, damaged);
    const { receiving, say } = offered(store);
    say(offer(0, FILE.length));
    for (const messages of said) {
      expect(receiving.state).toBe('running');
      say(...messages);
    }
    expect(receiving.violation).toMatch(violation);
    expect(store.published.size).toBe(0);
  });

  test('a 17th prefix while none has its answer', () => {
    const store = new MemoryStore(createDigest, { delay: new Delay(1) });
    const inner: Store = {
      open: (opened, wake) =>
        Object.assign(store.open(opened, wake), {
          verdict: () => ({ verdict: 'accept', code: 0, offset: 20 * CHUNK, text: NOTHING }) as const,
        }),
    };
    const { receiving, say } = offered(inner);
    say(offer(0, 20 * CHUNK));
    say(...Array.from({ length: 16 }, (_, i) => prefix(0, i * CHUNK, [CONTENT])));
    expect([receiving.violation, receiving.isWaiting]).toEqual([undefined, false]);
    say(prefix(0, 16 * CHUNK, [CONTENT]));
    expect(receiving.violation).toMatch(/too many prefixes/);
  });
});

describe('when nothing of it is wanted any more', () => {
  /** A sink with three chunks that fails as soon as it is told to. */
  function breaking(): { store: Store; calls: string[]; fail: () => void } {
    const calls: string[] = [];
    let isBroken = false;
    const sink: Sink = {
      verdict: () => ({ verdict: 'accept', code: 0, offset: TAIL, text: NOTHING }),
      write: () => void calls.push('write'),
      compare: () => void calls.push('compare'),
      differing: () => void calls.push('differing'),
      taken: () => 0,
      end: () => void calls.push('end'),
      receipt: () => (isBroken ? { code: 3, size: 0, digest: NOTHING, text: utf8('full') } : undefined),
      abort: () => void calls.push('abort'),
    };
    const fail = (): void => {
      isBroken = true;
    };
    return { store: { open: () => sink }, calls, fail };
  }

  test('a sink that failed is asked nothing more, every prefix gets zeros, content goes nowhere, the receipt comes last', () => {
    const { store, calls, fail } = breaking();
    const { stream, receiving, say } = offered(store);
    say(offer(0, FILE.length));
    expect(say(prefix(0, 0, chunks(0, 2)))).toEqual([]);
    fail();
    calls.length = 0;
    expect(say()).toEqual([missing(0, 0, '00')]);
    expect(say(prefix(0, 2 * CHUNK, chunks(2, 3)), tail)).toEqual([missing(0, 2 * CHUNK, '0')]);
    expect(stream.bytesConsumed).toBe(stream.bytesRead);
    expect(say(end(0, FILE), done(1))).toMatchObject([{ kind: 'receipt', code: 3 }]);
    expect(calls).toEqual(['abort']);
    expect(receiving.state).toBe('complete');
  });

  test('an abort with open prefixes: their answers come before its receipt', () => {
    const { store } = breaking();
    const { receiving, say } = offered(store);
    say(offer(0, FILE.length));
    const heard = say(prefix(0, 0, chunks(0, 2)), prefix(0, 2 * CHUNK, chunks(2, 3)), abort(0, 9), done(1));
    expect(heard).toMatchObject([missing(0, 0, '00'), missing(0, 2 * CHUNK, '0'), { kind: 'receipt', code: 9 }]);
    expect(receiving.state).toBe('complete');
  });

  test('without room for the answers the receipt waits behind them', () => {
    const { store } = breaking();
    const { stream, receiving, say } = offered(store);
    say(offer(0, FILE.length));
    stream.room = 0;
    expect(say(prefix(0, 0, chunks(0, 2)), prefix(0, 2 * CHUNK, chunks(2, 3)), abort(0, 9), done(1))).toEqual([]);
    stream.room = 1;
    expect(say()).toEqual([missing(0, 0, '00')]);
    stream.room = 1;
    expect(say()).toEqual([missing(0, 2 * CHUNK, '0')]);
    stream.room = 1;
    expect(say()).toMatchObject([{ kind: 'receipt', code: 9 }]);
    expect(receiving.state).toBe('complete');
  });
});

describe('a complete file of that size is here', () => {
  function stored(): MemoryStore {
    const store = new MemoryStore(createDigest);
    const { say } = offered(store);
    say(offer(0));
    say(content(0), end(0), done(1));
    expect(store.published.size).toBe(1);
    return store;
  }

  test.each([
    { name: 'the same', digest: sha256(CONTENT), code: 0, status: 'stored', resumed: 100, alreadyThere: true },
    { name: 'another', digest: sha256(NOTHING), code: 1, status: 'failed', resumed: 0, alreadyThere: false },
  ])('$name: its digest alone decides, and nothing is written', ({ digest, code, status, ...had }) => {
    const store = stored();
    const { receiving, say } = offered(store);
    expect(say(offer(0))).toMatchObject([{ kind: 'verdict', verdict: 'compare', code: 0, offset: 0 }]);
    expect(receiving.progress).toMatchObject({ bytes: 100, resumed: 100, bytesTotal: 100 });
    expect(receiving.toRead).toBe(100);
    expect(say(end(0, CONTENT, digest), done(1))).toMatchObject([{ kind: 'receipt', code }]);
    const { resumed, alreadyThere } = had;
    expect(receiving.takeOutcomes()).toMatchObject([{ status, code, resumed, alreadyThere }]);
    expect(receiving.takeResumptions()).toEqual([]);
    expect(store.written).toBe(100);
    expect(receiving.state).toBe('complete');
  });

  test.each([
    { name: 'content', said: content(0), violation: /does not continue/ },
    { name: 'a byte behind it', said: content(0, 100, Uint8Array.of(1)), violation: /beyond the size/ },
    { name: 'a prefix', said: prefix(0, 0, [CONTENT]), violation: /beyond what there is/ },
    { name: 'another size', said: end(0, NOTHING), violation: /another size/ },
  ])('$name is a violation', ({ said, violation }) => {
    const { receiving, say } = offered(stored());
    say(offer(0));
    say(said);
    expect(receiving.violation).toMatch(violation);
  });
});
