import { describe, expect, test } from 'vitest';
import { Delay } from '../../src/transfer/delay.ts';
import { memoryEntry } from '../../src/transfer/memory-source.ts';
import { MemoryStore } from '../../src/transfer/memory-store.ts';
import { MAX_EARLY } from '../../src/transfer/message-layout.ts';
import type { OutgoingEntry, Wanted } from '../../src/transfer/ports.ts';
import { ReceivingTransfer } from '../../src/transfer/receiving.ts';
import { SendingTransfer } from '../../src/transfer/sending.ts';
import { createDigest, noise, sha256 } from './bytes.ts';
import type { SentMessage } from './codec.ts';
import { ALL, CONTENT, content, done, end, NOBODY, offer, offers, receipt, verdict } from './phrases.ts';
import { CHUNK, FILE, storeWith } from './resume-phrases.ts';
import { ScriptedStream } from './scripted-stream.ts';

// Content of the first file that goes out before its verdict is known.

const PIECE = 65_536;
const LARGE = noise(MAX_EARLY + 2 * PIECE);
const early = (entry: number, offset = 0, bytes = CONTENT): SentMessage => ({ kind: 'early', entry, offset, bytes });

function sender(...entries: OutgoingEntry[]) {
  const stream = new ScriptedStream();
  const sending = new SendingTransfer(entries, stream, () => {});
  const say = (...messages: SentMessage[]): ReturnType<ScriptedStream['heard']> => {
    stream.say(...messages);
    sending.step();
    return stream.heard();
  };
  return { stream, sending, say };
}

/** A file, what it was opened for, and how many of its sources are open. */
function watched(bytes: Uint8Array, options = {}) {
  const inner = memoryEntry('a', bytes, createDigest, options);
  const wanted: Wanted[] = [];
  let open = 0;
  const entry: OutgoingEntry = {
    offer: inner.offer,
    open: (what, wake) => {
      wanted.push(what);
      open++;
      const source = inner.open(what, wake);
      const close = () => {
        source.close();
        open--;
      };
      return { poll: () => source.poll(), resend: (...answer) => source.resend(...answer), close };
    },
  };
  return { entry, wanted, open: () => open };
}

describe('a sender', () => {
  test('sends the first file behind the offers, and when it is accepted only what is left of it', () => {
    const first = watched(CONTENT);
    const { sending, say } = sender(first.entry, memoryEntry('b', CONTENT, createDigest));
    expect(say()).toMatchObject([
      { kind: 'offer' },
      { kind: 'offer' },
      { kind: 'early', entry: 0, bytes: CONTENT },
      { kind: 'end', entry: 0, size: 100, digest: sha256(CONTENT) },
    ]);
    expect(sending.progress.bytes).toBe(0); // it may be for nothing
    expect(sending.isWaiting).toBe(true);
    expect(say(verdict(0), verdict(1)).map(({ kind }) => kind)).toEqual(['content', 'end', 'done']);
    expect(sending.progress.bytes).toBe(200);
    expect(first.wanted).toEqual([ALL]);
    expect(first.open()).toBe(0);
  });

  test.each([
    { what: 'accepted', said: [verdict(0), receipt(0)], status: 'stored' },
    { what: 'compared', said: [verdict(0, { verdict: 'compare' }), receipt(0)], status: 'stored' },
    { what: 'skipped', said: [verdict(0, { verdict: 'skip', code: 1 })], status: 'skipped' },
    { what: 'refused', said: [verdict(0, { verdict: 'refuse', code: 2 })], status: 'refused' },
  ])(
    'says all that there is to say of a single small file at once, and is done when it is $what',
    ({ said, status }) => {
      const only = watched(CONTENT);
      const { stream, sending, say } = sender(only.entry);
      expect(say().map(({ kind }) => kind)).toEqual(['offer', 'early', 'end', 'done']);
      expect(stream.finished).toBe(true);
      expect(sending).toMatchObject({ state: 'running', isWaiting: true });
      stream.sayEnd();
      expect(say(...said)).toEqual([]);
      expect(sending).toMatchObject({ state: 'complete', outcomes: [{ status }] });
      expect([only.wanted, only.open()]).toEqual([[ALL], 0]);
    },
  );

  test('takes no end of the stream for an answer', () => {
    const { stream, sending, say } = sender(memoryEntry('a', CONTENT, createDigest));
    say();
    stream.sayEnd();
    say();
    expect(sending.violation).toMatch(/ended its stream too early/);
  });

  test('sends a limited part of a large file, and goes on there', () => {
    const { say } = sender(memoryEntry('a', LARGE, createDigest));
    expect(say()).toMatchObject([{ kind: 'offer' }, { kind: 'early', offset: 0, bytes: LARGE.subarray(0, MAX_EARLY) }]);
    expect(say()).toEqual([]);
    expect(say(verdict(0))).toMatchObject([
      { kind: 'content', offset: MAX_EARLY, bytes: LARGE.subarray(MAX_EARLY) },
      { kind: 'end', size: LARGE.length, digest: sha256(LARGE) },
      { kind: 'done' },
    ]);
  });

  test('waits while what it wrote has not left', () => {
    const { stream, say } = sender(memoryEntry('a', LARGE, createDigest));
    stream.unsent = PIECE;
    expect(say()).toMatchObject([{ kind: 'offer' }]);
    stream.unsent = PIECE - 1;
    expect(say()).toMatchObject([{ kind: 'early', offset: 0 }]);
  });

  test('keeps a piece that is too large for it', () => {
    const { say } = sender(memoryEntry('a', LARGE, createDigest, { pieceSize: MAX_EARLY + 1 }));
    expect(say()).toMatchObject([{ kind: 'offer' }]);
    expect(say(verdict(0))).toMatchObject([{ kind: 'content', offset: 0, bytes: LARGE }, { kind: 'end' }, {}]);
  });

  test.each([
    { what: 'skipped', said: verdict(0, { verdict: 'skip', code: 1 }), wanted: [] },
    { what: 'refused', said: verdict(0, { verdict: 'refuse', code: 2 }), wanted: [] },
    { what: 'compared', said: verdict(0, { verdict: 'compare' }), wanted: [{ kind: 'digest' }] },
    { what: 'resumed', said: verdict(0, { offset: CHUNK }), wanted: [{ kind: 'content', from: CHUNK }] },
  ])('forgets what it sent of a file that is $what', ({ said, wanted }) => {
    const first = watched(FILE);
    const { sending, say } = sender(first.entry);
    expect(say()).toMatchObject([{ kind: 'offer' }, { kind: 'early', offset: 0 }]);
    const after = say(said);
    expect(after.filter(({ kind }) => kind === 'early')).toEqual([]);
    expect(first.wanted).toEqual([ALL, ...wanted]);
    expect(first.open()).toBe(after.some(({ kind }) => kind === 'prefix') ? 1 : 0);
    sending.cancel();
    expect(first.open()).toBe(0);
  });

  test.each([
    { what: 'without a size', options: { sizeKnown: false }, bytes: CONTENT, offered: {} },
    { what: 'without content', options: {}, bytes: new Uint8Array(0), offered: {} },
    { what: 'that is a directory', options: {}, bytes: CONTENT, offered: { entryKind: 'directory' as const } },
  ])('sends nothing early of an entry $what, nor of the next one', ({ options, bytes, offered }) => {
    const { entry, wanted } = watched(bytes, options);
    const { say } = sender(
      { ...entry, offer: { ...entry.offer, ...offered } },
      memoryEntry('b', CONTENT, createDigest),
    );
    expect(say()).toMatchObject([{ kind: 'offer' }, { kind: 'offer' }]);
    expect(wanted).toEqual([]);
  });

  test.each([
    { what: 'fails at once', source: { failure: { after: 0, code: 9 } }, size: 100, before: 0 },
    { what: 'fails later', source: { failure: { after: 10, code: 9 } }, size: 100, before: 1 },
    { what: 'has grown', source: {}, size: 99, before: 0 },
  ])('whose source $what says so once the file is accepted', ({ source, size, before }) => {
    const entry = memoryEntry('a', CONTENT, createDigest, source);
    const { sending, say } = sender({ ...entry, offer: { ...entry.offer, size } });
    expect(say().slice(1)).toHaveLength(before);
    expect(say(verdict(0))).toMatchObject([{ kind: 'abort' }, { kind: 'done' }]);
    expect(sending.state).toBe('running');
  });
});

function receiver(store: MemoryStore) {
  const stream = new ScriptedStream();
  const receiving = new ReceivingTransfer(store, stream, () => {}, NOBODY);
  const say = (...messages: SentMessage[]): ReturnType<ScriptedStream['heard']> => {
    stream.say(...messages);
    receiving.step();
    return stream.heard();
  };
  return { stream, receiving, say };
}

describe('a receiver', () => {
  test('keeps it until the verdict, takes it as content, and only then grants new credit', () => {
    const delay = new Delay(1);
    const store = new MemoryStore(createDigest, { delay });
    const { stream, receiving, say } = receiver(store);
    expect(say(offer(0), offer(1), early(0, 0, CONTENT.subarray(0, 60)))).toEqual([]);
    expect(stream.bytesRead - stream.bytesConsumed).toBe(60);
    expect(say(early(0, 60, CONTENT.subarray(60, 70)))).toEqual([]);
    expect(stream.bytesRead - stream.bytesConsumed).toBe(70);
    expect(store.written).toBe(0);
    delay.advance();
    expect(say()).toMatchObject([
      { kind: 'verdict', entry: 0 },
      { kind: 'verdict', entry: 1 },
    ]);
    expect(receiving.progress.bytes).toBe(70);
    say(early(0, 70, CONTENT.subarray(70, 80)), content(0, 80, CONTENT.subarray(80)), end(0));
    say(content(1), end(1), done(2));
    for (let i = 0; i < 8; i++) {
      delay.advance();
      say();
    }
    expect(receiving.state).toBe('complete');
    expect(store.published.get('0')?.bytes).toEqual(CONTENT);
    expect(stream.bytesConsumed).toBe(stream.bytesRead);
  });

  test.each([
    { what: 'refuses', verdict: 'refuse', have: new Uint8Array(3) },
    { what: 'compares', verdict: 'compare', have: CONTENT },
  ])('that $what the file throws it away, before the verdict and after it', ({ verdict, have }) => {
    const delay = new Delay(1);
    const store = new MemoryStore(createDigest, { delay });
    const before = receiver(store);
    before.say(offer(0, have.length));
    for (const said of [[], [content(0, 0, have), end(0, have), done(1)], [], []]) {
      delay.advance();
      before.say(...said);
    }
    expect(store.published.size).toBe(1);

    const { stream, receiving, say } = receiver(store);
    expect(say(offer(0), early(0, 0, CONTENT.subarray(0, 50)))).toEqual([]);
    delay.advance();
    expect(say()).toMatchObject([{ verdict }]);
    expect(stream.bytesConsumed).toBe(stream.bytesRead);
    say(early(0, 50, CONTENT.subarray(50)));
    say(...(verdict === 'compare' ? [end(0)] : []), done(1));
    delay.advance();
    say();
    expect(receiving.state).toBe('complete');
    expect(stream.bytesConsumed).toBe(stream.bytesRead);
    expect(store.published.get('0')?.bytes).toEqual(have);
  });

  test.each([
    { verdict: 'accept', have: undefined, receipts: 1 },
    { verdict: 'compare', have: CONTENT, receipts: 1 },
    { verdict: 'refuse', have: new Uint8Array(3), receipts: 0 },
  ])('takes the end and the last word before its verdict ($verdict)', ({ verdict, have, receipts }) => {
    const delay = new Delay(1);
    const store = new MemoryStore(createDigest, { delay });
    if (have !== undefined) {
      const before = receiver(store);
      before.say(offer(0, have.length));
      for (const said of [[], [content(0, 0, have), end(0, have), done(1)], [], []]) {
        delay.advance();
        before.say(...said);
      }
    }
    const { stream, receiving, say } = receiver(store);
    expect(say(offer(0), early(0), end(0), done(1))).toEqual([]);
    stream.sayEnd();
    const heard = [];
    for (let i = 0; i < 8; i++) {
      expect(receiving.violation).toBeUndefined();
      delay.advance();
      heard.push(...say());
    }
    expect(heard).toMatchObject([{ kind: 'verdict', verdict }, ...Array(receipts).fill({ kind: 'receipt', code: 0 })]);
    expect([receiving.state, stream.finished]).toEqual(['complete', true]);
    expect(stream.bytesConsumed).toBe(stream.bytesRead);
    expect(store.published.get('0')?.bytes).toEqual(have ?? CONTENT);
  });

  test('finds out that what came early is not what its end says', () => {
    const { receiving, say } = receiver(new MemoryStore(createDigest));
    say(offer(0), early(0), end(0, CONTENT.toReversed()), done(1));
    expect(receiving.takeOutcomes()).toMatchObject([{ status: 'failed' }]);
  });

  test('that has the beginning already throws it away', () => {
    const store = storeWith(3);
    const { stream, receiving, say } = receiver(store);
    expect(say(offer(0, FILE.length), early(0, 0, FILE.subarray(0, 9)))).toMatchObject([{ offset: 3 * CHUNK }]);
    say(early(0, 9, FILE.subarray(9, 20)));
    expect(stream.bytesConsumed).toBe(stream.bytesRead);
    expect(store.written).toBe(0);
    expect(receiving.state).toBe('running');
  });

  test('gives up what it kept', () => {
    const { receiving, say } = receiver(new MemoryStore(createDigest, { delay: new Delay(1) }));
    say(offer(0), early(0));
    receiving.abort();
    expect(receiving.state).toBe('failed');
    expect(receiving.progress.bytes).toBe(0);
  });

  const big = { ...offer(0), size: LARGE.length };
  const most = early(0, 0, LARGE.subarray(0, MAX_EARLY));
  const table: { name: string; said: SentMessage[][] }[] = [
    { name: 'before any offer', said: [[early(0)]] },
    { name: 'of the second entry', said: [[...offers(2), early(1)]] },
    { name: 'not from the beginning', said: [[offer(0), early(0, 1, CONTENT.subarray(1))]] },
    { name: 'twice', said: [[offer(0), early(0), early(0)]] },
    { name: 'with a gap', said: [[offer(0), early(0, 0, CONTENT.subarray(0, 9)), early(0, 10, CONTENT.subarray(10))]] },
    { name: 'beyond its size', said: [[offer(0, 99), early(0)]] },
    { name: 'beyond its size, after the verdict', said: [[offer(0, 99)], [early(0)]] },
    { name: 'without a size', said: [[{ ...offer(0), size: undefined }, early(0)]] },
    { name: 'of a directory', said: [[{ ...offer(0), entryKind: 'directory', size: 0 }, early(0)]] },
    { name: 'too much of it', said: [[big, most, early(0, MAX_EARLY, LARGE.subarray(MAX_EARLY, MAX_EARLY + 1))]] },
    { name: 'after content', said: [[offer(0)], [content(0, 0, CONTENT.subarray(0, 9)), early(0)]] },
    { name: 'after the end', said: [[offer(0)], [content(0), end(0), early(0)]] },
    { name: 'after its early end', said: [[offer(0), early(0), end(0), early(0, 100, CONTENT)]] },
    { name: 'that ends before all of it came', said: [[offer(0), early(0, 0, CONTENT.subarray(0, 9)), end(0)]] },
    { name: 'that ends at another size', said: [[offer(0), early(0), end(0, CONTENT.subarray(1))]] },
    { name: 'that ends twice', said: [[offer(0), early(0), end(0), end(0)]] },
    { name: 'that never began, and its end', said: [[offer(0), end(0)]] },
    { name: 'without its end, and the last word', said: [[offer(0), early(0), done(1)]] },
    { name: 'of the first of two entries, and the last word', said: [[...offers(2), early(0), end(0), done(2)]] },
  ];
  test.each(table)('finds early content $name out', ({ said }) => {
    const { receiving, say } = receiver(new MemoryStore(createDigest));
    for (const messages of said) {
      expect(receiving.state).toBe('running');
      say(...messages);
    }
    expect(receiving.violation).toMatch(
      /early content that is not allowed|content for an entry|does not continue|end of an entry|before all content/,
    );
  });
});

test('a sender takes the receipt of a file that it sent early', () => {
  const { stream, sending, say } = sender(memoryEntry('a', CONTENT, createDigest));
  say();
  say(verdict(0));
  stream.sayEnd();
  say(receipt(0));
  expect(sending.state).toBe('complete');
  expect(sending.outcomes).toMatchObject([{ status: 'stored', digest: sha256(CONTENT) }]);
});
