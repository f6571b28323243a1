import { describe, expect, test } from 'vitest';
import { Delay } from '../../src/transfer/delay.ts';
import { MAX_OPEN_SINKS } from '../../src/transfer/incoming-entries.ts';
import { MemoryStore } from '../../src/transfer/memory-store.ts';
import type { Offer } from '../../src/transfer/messages.ts';
import type { Store } from '../../src/transfer/ports.ts';
import { ReceivingTransfer } from '../../src/transfer/receiving.ts';
import { createDigest, noise, sha256, utf8 } from './bytes.ts';
import type { SentMessage } from './codec.ts';
import { abort, CONTENT, content, done, end, NOBODY, offer, offers, receipt, verdict } from './phrases.ts';
import { ScriptedStream } from './scripted-stream.ts';

const ignore = (): void => {};

function listening(store: Store): { stream: ScriptedStream; receiving: ReceivingTransfer } {
  const stream = new ScriptedStream();
  return { stream, receiving: new ReceivingTransfer(store, stream, ignore, NOBODY) };
}

describe('a sender that breaks the rules is found out, and nothing but whole content is published', () => {
  const table: { name: string; said: SentMessage[][]; violation: RegExp }[] = [
    { name: 'first offer is not 0', said: [[offer(1)]], violation: /offer out of order/ },
    { name: 'offer twice', said: [[offer(0), offer(0)]], violation: /offer out of order/ },
    { name: 'offer skips one', said: [[offer(0), offer(2)]], violation: /offer out of order/ },
    { name: '257 offers at once', said: [offers(257)], violation: /too many offers/ },
    { name: 'content never offered', said: [[content(0)]], violation: /content for an entry/ },
    { name: 'content before the verdict', said: [[offer(0), content(0)]], violation: /content for an entry/ },
    { name: 'content of the next entry first', said: [offers(2), [content(1)]], violation: /content for an entry/ },
    { name: 'content after the end', said: [offers(1), [content(0), end(0), content(0)]], violation: /content for an/ },
    { name: 'content with a gap', said: [offers(1), [content(0, 1)]], violation: /does not continue/ },
    { name: 'content again', said: [offers(1), [content(0), content(0)]], violation: /does not continue/ },
    {
      name: 'content beyond its size',
      said: [offers(1), [content(0), content(0, 100, Uint8Array.of(1))]],
      violation: /beyond the size/,
    },
    { name: 'end before the verdict', said: [[offer(0), end(0)]], violation: /end of an entry/ },
    { name: 'end without all content', said: [offers(1), [end(0)]], violation: /another size than was sent/ },
    {
      name: 'end without the size offered',
      said: [offers(1), [end(0, new Uint8Array(0))]],
      violation: /another size than was offered/,
    },
    { name: 'end twice', said: [offers(1), [content(0), end(0), end(0)]], violation: /end of an entry/ },
    { name: 'abort before the verdict', said: [[offer(0), abort(0)]], violation: /abort of an entry/ },
    { name: 'abort twice', said: [offers(1), [abort(0), abort(0)]], violation: /abort of an entry/ },
    { name: 'abort after the end', said: [offers(1), [content(0), end(0), abort(0)]], violation: /abort of an entry/ },
    { name: 'done before the verdict', said: [[offer(0), done(1)]], violation: /before all content/ },
    { name: 'done before the end', said: [offers(1), [content(0), done(1)]], violation: /before all content/ },
    { name: 'done with too few', said: [offers(1), [abort(0), done(0)]], violation: /another number/ },
    { name: 'done with too many', said: [[done(1)]], violation: /another number/ },
    { name: 'offer after done', said: [[done(0), offer(0)]], violation: /after the last one/ },
    { name: 'a verdict', said: [[verdict(0)]], violation: /sends no verdict/ },
    { name: 'a receipt', said: [[receipt(0)]], violation: /sends no receipt/ },
  ];

  test.each(table)('$name', ({ said, violation }) => {
    const store = new MemoryStore(createDigest);
    const { stream, receiving } = listening(store);
    for (const messages of said) {
      expect(receiving.state).toBe('running');
      stream.say(...messages);
      receiving.step();
    }
    expect(receiving.violation).toMatch(violation);
    expect(receiving.state).toBe('failed');
    for (const { bytes } of store.published.values()) expect(bytes).toEqual(CONTENT);
    stream.heard();
    receiving.step();
    expect(stream.heard()).toEqual([]);
  });

  test.each([
    { name: 'at once', said: [] as SentMessage[] },
    { name: 'after an offer', said: [offer(0)] },
    { name: 'in the middle of a message', said: [], rest: Uint8Array.of(1, 0) },
  ])('its stream ends $name', ({ said, rest }) => {
    const { stream, receiving } = listening(new MemoryStore(createDigest));
    stream.say(...said);
    if (rest) stream.sayBytes(rest);
    stream.sayEnd();
    receiving.step();
    expect(receiving.violation).toMatch(/too early/);
  });

  test('its stream ends in the middle of a message after DONE, while receipts are still due', () => {
    const delay = new Delay(1);
    const { stream, receiving } = listening(new MemoryStore(createDigest, { delay }));
    stream.say(offer(0));
    receiving.step();
    delay.advance();
    receiving.step();
    stream.say(content(0), end(0), done(1));
    stream.sayBytes(Uint8Array.of(1, 0));
    stream.sayEnd();
    receiving.step();
    expect(receiving.violation).toMatch(/too early/);
  });

  test('malformed bytes', () => {
    const { stream, receiving } = listening(new MemoryStore(createDigest));
    stream.sayBytes(Uint8Array.of(1, 0, 0, 0, 0));
    receiving.step();
    expect(receiving.violation).toBe('malformed message (length)');
  });
});

test('content that is not what END says is not published', () => {
  const store = new MemoryStore(createDigest);
  const { stream, receiving } = listening(store);
  stream.say(offer(0));
  receiving.step();
  stream.say(content(0), end(0, CONTENT, sha256(noise(100, 2))), done(1));
  receiving.step();
  expect(stream.heard()).toMatchObject([{ kind: 'verdict' }, { kind: 'receipt', entry: 0, code: 5 }]);
  expect(store.published.size).toBe(0);
  expect(receiving.takeOutcomes()).toMatchObject([{ status: 'failed', code: 5, offer: { entry: 0 } }]);
});

test('after DONE the last receipt ends our stream without waiting for the end of the other', () => {
  const delay = new Delay(1);
  const { stream, receiving } = listening(new MemoryStore(createDigest, { delay }));
  stream.say(offer(0));
  receiving.step();
  delay.advance();
  receiving.step();
  stream.say(content(0), end(0), done(1));
  receiving.step();
  expect([receiving.state, stream.finished]).toEqual(['running', false]);
  delay.advance();
  receiving.step();
  expect([receiving.state, stream.finished]).toEqual(['complete', true]);
  expect(stream.heard()).toMatchObject([
    { kind: 'verdict', verdict: 'accept' },
    { kind: 'receipt', code: 0, size: 100, digest: sha256(CONTENT) },
  ]);
});

describe('credit', () => {
  test('content is credited when the disk has taken it, everything else at once', () => {
    const delay = new Delay(1);
    const { stream, receiving } = listening(new MemoryStore(createDigest, { delay }));
    stream.say(offer(0));
    receiving.step();
    expect(stream.bytesConsumed).toBe(stream.bytesRead);
    delay.advance();
    receiving.step();
    stream.say(content(0, 0, CONTENT.subarray(0, 60)));
    receiving.step();
    expect(stream.bytesRead - stream.bytesConsumed).toBe(60);
    delay.advance();
    stream.say(content(0, 60, CONTENT.subarray(60)));
    receiving.step();
    expect(stream.bytesRead - stream.bytesConsumed).toBe(40);
    delay.advance();
    receiving.step();
    expect(stream.bytesConsumed).toBe(stream.bytesRead);
  });

  test.each(['fails', 'is aborted'])('what a slow disk holds is credited when its entry %s', (how) => {
    const delay = new Delay(1000);
    const slow = new MemoryStore(createDigest, { delay });
    let broken = false;
    const store: Store = {
      open(opened: Offer, wake) {
        const sink = slow.open(opened, wake);
        const failed = { code: 4, size: 0, digest: new Uint8Array(0), text: utf8('pulled out') };
        const accept = { verdict: 'accept', code: 0, offset: 0, text: new Uint8Array(0) } as const;
        return {
          verdict: () => accept,
          write: (bytes, offset) => sink.write(bytes, offset),
          compare: (offset, digests) => sink.compare(offset, digests),
          differing: () => sink.differing(),
          taken: () => sink.taken(),
          end: (size, digest) => sink.end(size, digest),
          receipt: () => (broken ? failed : undefined),
          abort: () => sink.abort(),
        };
      },
    };
    const { stream, receiving } = listening(store);
    stream.say(offer(0));
    receiving.step();
    stream.say(content(0, 0, CONTENT.subarray(0, 60)));
    receiving.step();
    expect(stream.bytesRead - stream.bytesConsumed).toBe(60);
    if (how === 'fails') broken = true;
    else stream.say(abort(0));
    receiving.step();
    expect(stream.bytesConsumed).toBe(stream.bytesRead);
  });
});

test('a sink that failed swallows the rest of its content, and the receipt comes after the end', () => {
  const fault = () => ({ kind: 'fail', after: 10, code: 3 }) as const;
  const { stream, receiving } = listening(new MemoryStore(createDigest, { fault }));
  stream.say(offer(0));
  receiving.step();
  stream.say(content(0, 0, CONTENT.subarray(0, 50)));
  receiving.step();
  expect(receiving.takeOutcomes()).toMatchObject([{ status: 'failed', code: 3 }]);
  stream.say(content(0, 50, CONTENT.subarray(50)));
  receiving.step();
  expect(stream.heard().map(({ kind }) => kind)).toEqual(['verdict']);
  expect(stream.bytesConsumed).toBe(stream.bytesRead);
  stream.say(end(0), done(1));
  receiving.step();
  expect(stream.heard()).toMatchObject([{ kind: 'receipt', code: 3 }]);
  expect(receiving.takeOutcomes()).toEqual([]);
  expect(receiving.progress.entriesDone).toBe(1);
});

test('a sink that failed is given up at once: no further byte and no end reach it', () => {
  const calls: string[] = [];
  const broken = { code: 3, size: 0, digest: new Uint8Array(0), text: utf8('full') };
  const store: Store = {
    open: () => ({
      verdict: () => ({ verdict: 'accept', code: 0, offset: 0, text: new Uint8Array(0) }),
      write: () => void calls.push('write'),
      compare: () => void calls.push('compare'),
      differing: () => undefined,
      taken: () => 0,
      end: () => void calls.push('end'),
      receipt: () => (calls.includes('write') ? broken : undefined),
      abort: () => void calls.push('abort'),
    }),
  };
  const { stream, receiving } = listening(store);
  stream.say(offer(0));
  receiving.step();
  stream.say(content(0, 0, CONTENT.subarray(0, 50)));
  receiving.step();
  expect(calls).toEqual(['write', 'abort']);
  stream.say(content(0, 50, CONTENT.subarray(50)), end(0), done(1));
  receiving.step();
  expect(calls).toEqual(['write', 'abort']);
  expect(receiving.state).toBe('complete');
});

test('an aborted entry gets a receipt with the same code and is not published', () => {
  const store = new MemoryStore(createDigest);
  const { stream, receiving } = listening(store);
  stream.say(offer(0));
  receiving.step();
  stream.say(content(0), abort(0, 60_000), done(1));
  receiving.step();
  expect(stream.heard()).toMatchObject([{ kind: 'verdict' }, { kind: 'receipt', code: 60_000 }]);
  expect(receiving.takeOutcomes()).toMatchObject([{ status: 'failed', code: 60_000 }]);
  expect(store.published.size).toBe(0);
});

test('verdicts come in the order of the offers, even when a later one is known earlier', () => {
  const known = new Map([
    [1, 'skip'],
    [2, 'refuse'],
  ] as [number, 'skip' | 'refuse' | 'accept'][]);
  const inner = new MemoryStore(createDigest);
  const store: Store = {
    open(opened, wake) {
      const sink = inner.open(opened, wake);
      const given = () => {
        const value = known.get(opened.entry);
        return value && { verdict: value, code: 0, offset: 0, text: new Uint8Array(0) };
      };
      return Object.assign(sink, { verdict: given });
    },
  };
  const { stream, receiving } = listening(store);
  stream.say(offer(0), offer(1), offer(2));
  receiving.step();
  receiving.step();
  expect(stream.heard()).toEqual([]);
  known.set(0, 'accept');
  receiving.step();
  expect(stream.heard()).toMatchObject([
    { entry: 0, verdict: 'accept' },
    { entry: 1, verdict: 'skip' },
    { entry: 2, verdict: 'refuse' },
  ]);
});

test('without room for answers none is lost, and offers still cannot pile up', () => {
  const { stream, receiving } = listening(new MemoryStore(createDigest));
  stream.room = 0;
  stream.say(...offers(256));
  receiving.step();
  expect(stream.heard()).toEqual([]);
  stream.room = 1;
  receiving.step();
  expect(stream.heard()).toMatchObject([{ kind: 'verdict', entry: 0 }]);
  stream.say(offer(256), offer(257));
  receiving.step();
  expect(receiving.violation).toMatch(/too many offers/);
});

test('without room a receipt waits, and the end of our stream with it', () => {
  const { stream, receiving } = listening(new MemoryStore(createDigest));
  stream.say(offer(0));
  receiving.step();
  stream.heard();
  stream.room = 0;
  stream.say(content(0), end(0), done(1));
  receiving.step();
  expect([stream.heard(), receiving.state]).toEqual([[], 'running']);
  stream.room = 1;
  receiving.step();
  expect(stream.heard()).toMatchObject([{ kind: 'receipt', code: 0 }]);
  expect(receiving.state).toBe('complete');
});

test('no more sinks are open at once than the limit; the others wait as offers', () => {
  let opened = 0;
  const inner = new MemoryStore(createDigest);
  const store: Store = {
    open: (one, wake) => {
      opened++;
      return inner.open(one, wake);
    },
  };
  const { stream, receiving } = listening(store);
  const answered: unknown[] = [];
  for (let entry = 0; entry <= MAX_OPEN_SINKS; entry++) {
    stream.say(offer(entry));
    receiving.step();
    answered.push(...stream.heard());
  }
  expect(opened).toBe(MAX_OPEN_SINKS);
  expect(answered).toHaveLength(MAX_OPEN_SINKS);
  stream.say(content(0), end(0));
  receiving.step();
  expect(stream.heard()).toMatchObject([
    { kind: 'receipt', entry: 0 },
    { kind: 'verdict', entry: MAX_OPEN_SINKS },
  ]);
  expect(opened).toBe(MAX_OPEN_SINKS + 1);
});

test('of hundreds of entries only those are looked at whose sinks have news, beside the one that receives', () => {
  const delay = new Delay(1);
  const inner = new MemoryStore(createDigest, { delay });
  let looks = 0;
  const store: Store = {
    open(one, wake) {
      const sink = inner.open(one, wake);
      const receipt = sink.receipt.bind(sink);
      const look = (): ReturnType<typeof receipt> => {
        looks++;
        return receipt();
      };
      return Object.assign(sink, { receipt: look });
    },
  };
  const { stream, receiving } = listening(store);
  stream.say(...offers(200));
  receiving.step();
  delay.advance();
  receiving.step();
  for (let entry = 0; entry < 199; entry++) stream.say(content(entry), end(entry));
  receiving.step();
  looks = 0;
  for (let step = 0; step < 10; step++) receiving.step();
  expect(looks).toBeLessThanOrEqual(10);
  stream.heard();
  delay.advance();
  receiving.step();
  expect(stream.heard()).toHaveLength(199);
});

test('abort() publishes nothing more, answers nothing more, and can be called again', () => {
  const delay = new Delay(1);
  const store = new MemoryStore(createDigest, { delay });
  const { stream, receiving } = listening(store);
  stream.say(offer(0));
  receiving.step();
  delay.advance();
  receiving.step();
  stream.heard();
  stream.say(content(0), end(0));
  receiving.step();
  receiving.abort();
  receiving.abort();
  delay.advance();
  receiving.step();
  expect(store.published.size).toBe(0);
  expect(stream.heard()).toEqual([]);
  expect([receiving.state, receiving.violation]).toEqual(['failed', undefined]);
});

test('a store that claims success before the end is not believed', () => {
  const inner = new MemoryStore(createDigest);
  const early = { code: 0, size: 100, digest: sha256(CONTENT), text: new Uint8Array(0) };
  const store: Store = { open: (one, wake) => Object.assign(inner.open(one, wake), { receipt: () => early }) };
  const { stream, receiving } = listening(store);
  stream.say(offer(0));
  receiving.step();
  stream.say(content(0), end(0));
  receiving.step();
  expect(stream.heard()).toMatchObject([{ kind: 'verdict' }, { kind: 'receipt', code: 4 }]);
});

test('progress names the entry whose content comes now', () => {
  const { stream, receiving } = listening(new MemoryStore(createDigest));
  stream.say(...offers(2));
  receiving.step();
  stream.say(content(0, 0, CONTENT.subarray(0, 30)));
  receiving.step();
  expect(receiving.progress).toMatchObject({
    entries: 2,
    entriesDone: 0,
    bytes: 30,
    bytesTotal: 200,
    current: { offer: { entry: 0, path: [utf8('0')] }, received: 30 },
  });
});
