import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TRANSFER_CODE } from '../../src/transfer/codes.ts';
import { memoryEntry } from '../../src/transfer/memory-source.ts';
import { MAX_CONTENT } from '../../src/transfer/message-layout.ts';
import type { OutgoingEntry } from '../../src/transfer/ports.ts';
import { SendingTransfer } from '../../src/transfer/sending.ts';
import { MAX_TEXT } from '../../src/transfer/text.ts';
import { naiveMessage } from '../wire/naive-messages.ts';
import { nearlyValidArb } from './arbitraries.ts';
import { createDigest, noise, sha256, utf8 } from './bytes.ts';
import type { SentMessage } from './codec.ts';
import { CONTENT, missing, receipt, verdict } from './phrases.ts';
import { ScriptedStream } from './scripted-stream.ts';

const NOTHING = new Uint8Array(0);
const ignore = (): void => {};

const entry = (name: string, options = {}): OutgoingEntry => memoryEntry(name, CONTENT, createDigest, options);
const entries = (count: number): OutgoingEntry[] => Array.from({ length: count }, (_, index) => entry(`${index}`));

function started(outgoing: readonly OutgoingEntry[]): { stream: ScriptedStream; sending: SendingTransfer } {
  const stream = new ScriptedStream();
  const sending = new SendingTransfer(outgoing, stream, ignore);
  sending.step();
  return { stream, sending };
}

describe('a receiver that breaks the rules is found out', () => {
  const skip = verdict(0, { verdict: 'skip', code: 1 });
  const table: { name: string; said: SentMessage[][]; violation: RegExp; source?: object }[] = [
    {
      name: 'verdict for an entry never offered',
      said: [[verdict(0), verdict(1), verdict(2)]],
      violation: /out of order/,
    },
    { name: 'verdict twice', said: [[verdict(0), verdict(0)]], violation: /out of order/ },
    { name: 'verdict after the receipt', said: [[verdict(0)], [receipt(0), verdict(0)]], violation: /out of order/ },
    { name: 'verdict before that of an earlier offer', said: [[verdict(1)]], violation: /out of order/ },
    { name: 'verdict after a skip', said: [[skip, verdict(0)]], violation: /out of order/ },
    { name: 'an offset inside a chunk', said: [[verdict(0, { offset: 1 })]], violation: /inside a chunk/ },
    { name: 'an offset beyond the size', said: [[verdict(0, { offset: 2 ** 20 })]], violation: /beyond the size/ },
    {
      name: 'an offset of what is skipped',
      said: [[verdict(0, { verdict: 'skip', offset: 2 ** 20 })]],
      violation: /does not want/,
    },
    {
      name: 'compare with an offset',
      said: [[verdict(0, { verdict: 'compare', offset: 2 ** 20 })]],
      violation: /compares with an offset/,
    },
    {
      name: 'compare with a code',
      said: [[verdict(0, { verdict: 'compare', code: 1 })]],
      violation: /compare with a code/,
    },
    {
      name: 'compare with a pipe',
      said: [[verdict(0, { verdict: 'compare' })]],
      violation: /size that is not known/,
      source: { sizeKnown: false },
    },
    { name: 'an answer to no prefix', said: [[verdict(0)], [missing(0, 0, '0')]], violation: /waits for none/ },
    { name: 'an answer before the verdict', said: [[missing(0, 0, '0')]], violation: /waits for none/ },
    { name: 'a code with an accept', said: [[verdict(0, { code: 1 })]], violation: /accept with a code/ },
    { name: 'receipt before the verdict', said: [[receipt(0)]], violation: /receipt for an entry/ },
    {
      name: 'receipt before the end',
      said: [[verdict(0), receipt(0)]],
      violation: /receipt for an entry/,
      source: { sizeKnown: false },
    },
    { name: 'receipt twice', said: [[verdict(0)], [receipt(0), receipt(0)]], violation: /receipt for an entry/ },
    { name: 'receipt for a skipped entry', said: [[skip, receipt(0)]], violation: /receipt for an entry/ },
    { name: 'receipt with another size', said: [[verdict(0)], [receipt(0, { size: 99 })]], violation: /other content/ },
    {
      name: 'receipt with another digest',
      said: [[verdict(0)], [receipt(0, { digest: sha256(NOTHING) })]],
      violation: /other content/,
    },
    {
      name: 'success after an abort',
      said: [[verdict(0)], [receipt(0)]],
      violation: /code of the abort/,
      source: { failure: { after: 10, code: 8 } },
    },
    { name: 'an offer', said: [[{ kind: 'offer', entry: 0, ...entry('x').offer }]], violation: /sends no offer/ },
    { name: 'content', said: [[{ kind: 'content', entry: 0, offset: 0, bytes: CONTENT }]], violation: /no content/ },
    { name: 'an end', said: [[{ kind: 'end', entry: 0, size: 0, digest: sha256(NOTHING) }]], violation: /no end/ },
    { name: 'an abort', said: [[{ kind: 'abort', entry: 0, code: 1, text: NOTHING }]], violation: /no abort/ },
    { name: 'done', said: [[{ kind: 'done', entries: 0 }]], violation: /no done/ },
  ];

  test.each(table)('$name', ({ said, violation, source }) => {
    const { stream, sending } = started([entry('a', source), entry('b')]);
    for (const messages of said) {
      expect(sending.state).toBe('running');
      stream.say(...messages);
      sending.step();
    }
    expect(sending.violation).toMatch(violation);
    expect(sending.state).toBe('failed');
  });

  test.each([
    { name: 'at once', said: [] as SentMessage[] },
    { name: 'before the last receipt', said: [verdict(0), verdict(1)] },
    { name: 'before it can have heard DONE', said: [verdict(0, { verdict: 'skip' }), verdict(1, { verdict: 'skip' })] },
  ])('its stream ends $name', ({ said }) => {
    const { stream, sending } = started(entries(2));
    stream.say(...said);
    stream.sayEnd();
    sending.step();
    expect(sending.violation).toMatch(/too early/);
  });

  test('its stream ends in the middle of a message', () => {
    const { stream, sending } = started([]);
    stream.sayBytes(Uint8Array.of(0x11, 0));
    stream.sayEnd();
    sending.step();
    expect(sending.violation).toMatch(/too early/);
  });

  test('malformed bytes', () => {
    const { stream, sending } = started(entries(1));
    stream.sayBytes(Uint8Array.of(0x99, 0, 0, 0, 0));
    sending.step();
    expect(sending.violation).toBe('malformed message (type)');
  });
});

test('at most 256 offers wait for their verdicts', () => {
  const { stream, sending } = started(entries(300));
  expect(stream.heard().map(({ kind }) => kind)).toEqual([...Array(256).fill('offer'), 'early', 'end']);
  stream.say(verdict(0, { verdict: 'skip' }), verdict(1, { verdict: 'refuse', code: 2 }));
  sending.step();
  expect(stream.heard()).toMatchObject([{ entry: 256 }, { entry: 257 }]);
});

test('content goes in the order of ids, DONE after the last, and complete is only what was receipted', () => {
  const { stream, sending } = started(entries(3));
  stream.heard();
  stream.say(verdict(0, { verdict: 'skip', code: 1 }), verdict(1), verdict(2));
  sending.step();
  expect(stream.heard()).toMatchObject([
    { kind: 'content', entry: 1, offset: 0, bytes: CONTENT },
    { kind: 'end', entry: 1, size: 100, digest: sha256(CONTENT) },
    { kind: 'content', entry: 2 },
    { kind: 'end', entry: 2 },
    { kind: 'done', entries: 3 },
  ]);
  expect(stream.finished).toBe(true);
  expect(sending).toMatchObject({ isWaiting: true, unconfirmedBytes: 200, answers: 3 });
  stream.say(receipt(2), receipt(1));
  sending.step();
  expect(sending).toMatchObject({ state: 'running', isWaiting: true, unconfirmedBytes: 0, answers: 5 });
  stream.sayEnd();
  sending.step();
  expect(sending.state).toBe('complete');
  expect(sending.outcomes.map((outcome) => outcome?.status)).toEqual(['skipped', 'stored', 'stored']);
});

test('without room nothing is written, not even polled from a source', () => {
  const { stream, sending } = started(entries(2));
  stream.heard();
  stream.room = 0;
  stream.say(verdict(0, { verdict: 'skip', code: 1 }), verdict(1));
  sending.step();
  expect(stream.heard()).toEqual([]);
  stream.room = 1;
  sending.step();
  expect(stream.heard()).toMatchObject([{ kind: 'content', bytes: CONTENT }]);
});

test('a piece larger than a message is sent as several', () => {
  const content = noise(MAX_CONTENT + 1);
  const { stream, sending } = started([memoryEntry('big', content, createDigest, { pieceSize: content.length })]);
  stream.say(verdict(0));
  sending.step();
  const [, first] = stream.heard();
  expect(first).toMatchObject({ kind: 'content', offset: 0 });
  stream.say(receipt(0, { size: content.length, digest: sha256(content) }));
  stream.sayEnd();
  sending.step();
  expect(sending.state).toBe('complete');
});

describe('a source that is not what was offered is aborted, and the receiver must repeat the code', () => {
  const lying = (size: number): OutgoingEntry => {
    const honest = entry('file');
    return { ...honest, offer: { ...honest.offer, size } };
  };
  test.each([
    { name: 'it grew', outgoing: lying(99), code: TRANSFER_CODE.sourceChanged },
    { name: 'it shrank', outgoing: lying(101), code: TRANSFER_CODE.sourceChanged },
    { name: 'it failed', outgoing: entry('x', { failure: { after: 5, code: 777 } }), code: 777 },
    { name: 'it failed at once', outgoing: entry('x', { failure: { after: 0, code: 9 } }), code: 9 },
  ])('$name', ({ outgoing, code }) => {
    const { stream, sending } = started([outgoing]);
    stream.say(verdict(0));
    sending.step();
    expect(stream.heard().slice(-2)).toMatchObject([{ kind: 'abort', entry: 0, code }, { kind: 'done' }]);
    expect(sending.outcomes).toEqual([undefined]);
    stream.say(receipt(0, { code }));
    stream.sayEnd();
    sending.step();
    expect(sending.state).toBe('complete');
    expect(sending.outcomes).toMatchObject([{ status: 'failed', code }]);
  });
});

test('an unknown code is kept as a number, the text as bytes', () => {
  const { stream, sending } = started(entries(2));
  stream.say(verdict(0, { verdict: 'refuse', code: 60_000, text: utf8('no') }), verdict(1));
  sending.step();
  stream.say(receipt(1, { code: 50_000, text: utf8('broken') }));
  sending.step();
  expect(sending.outcomes).toMatchObject([
    { status: 'refused', code: 60_000, text: utf8('no') },
    { status: 'failed', code: 50_000, text: utf8('broken') },
  ]);
});

test('of a long text only the beginning is kept', () => {
  const { stream, sending } = started(entries(1));
  const long = verdict(0, { verdict: 'refuse', code: 4, text: utf8('é'.repeat(2000)) });
  stream.sayBytes(Uint8Array.from(naiveMessage(long).bytes));
  sending.step();
  expect(sending.outcomes[0]?.text).toEqual(utf8('é'.repeat(MAX_TEXT / 2)));
});

test.each([
  { name: 'its end', options: {} },
  { name: 'its failure', options: { failure: { after: 5, code: 9 } } },
])('a source is closed after $name', ({ options }) => {
  const closed: string[] = [];
  const watched = ['a', 'b'].map((name): OutgoingEntry => {
    const outgoing = entry(name, options);
    const open: OutgoingEntry['open'] = (wanted, wake) => {
      const source = outgoing.open(wanted, wake);
      return { poll: () => source.poll(), resend: () => {}, close: () => void closed.push(name) };
    };
    return { ...outgoing, open };
  });
  const { stream, sending } = started(watched);
  stream.say(verdict(0), verdict(1));
  sending.step();
  expect(closed).toEqual(['a', 'b']);
});

/** Entries of this size whose sources are counted, all of them accepted. */
function counting(size: number) {
  const opened = { now: 0 };
  const counted = entries(50).map(
    (outgoing): OutgoingEntry => ({
      offer: { ...outgoing.offer, size },
      open: () => {
        opened.now++;
        return { poll: () => undefined, resend: () => {}, close: () => void opened.now-- };
      },
    }),
  );
  const { stream, sending } = started(counted);
  stream.say(...counted.map((_, index) => verdict(index)));
  sending.step();
  return { opened, stream, sending };
}

test.each([
  [0, 32],
  [16_384, 32],
  [16_385, 4],
])('of entries of %i bytes %i sources are open at once', (size, open) => {
  expect(counting(size).opened.now).toBe(open);
});

test('cancel() and a violation close every open source, and nothing is written any more', () => {
  for (const end of ['cancel', 'violate']) {
    const { opened, stream, sending } = counting(1);
    expect(opened.now).toBe(32);
    stream.heard();
    if (end === 'cancel') sending.cancel();
    else stream.say(verdict(0));
    sending.step();
    expect(opened.now).toBe(0);
    expect(sending.state).toBe('failed');
    expect(sending.violation === undefined).toBe(end === 'cancel');
    sending.step();
    sending.cancel();
    expect(stream.heard()).toEqual([]);
  }
});

test('progress counts what is left out neither as bytes nor as total', () => {
  const { stream, sending } = started(entries(3));
  stream.say(verdict(0, { verdict: 'skip' }), verdict(1));
  sending.step();
  expect(sending.progress).toEqual({
    entries: 3,
    entriesDone: 1,
    bytes: 100,
    resumed: 0,
    bytesTotal: 200,
    current: undefined,
  });
});

test('no bytes at all from a receiver make it throw, hang or report success', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), nearlyValidArb), fc.boolean(), (bytes, ended) => {
      const { stream, sending } = started(entries(3));
      stream.sayBytes(bytes);
      if (ended) stream.sayEnd();
      sending.step();
      sending.step();
      expect(sending.state).not.toBe('complete');
      expect(sending.outcomes.every((outcome) => outcome?.status !== 'stored')).toBe(true);
      expect(sending.violation !== undefined).toBe(sending.state === 'failed');
    }),
    { numRuns: 500 },
  );
});

/** Answers in any order; the model knows only which answers are possible in which state. */
test('any sequence of answers is judged as the table of states says', () => {
  const answerArb = fc.record({
    kind: fc.constantFrom('accept', 'skip', 'refuse', 'stored', 'failed'),
    entry: fc.oneof(fc.nat(3), fc.constant('next' as const)),
  });
  fc.assert(
    fc.property(fc.array(answerArb, { maxLength: 14 }), (answers) => {
      const count = 3;
      const { stream, sending } = started(entries(count));
      const states: string[] = Array(count).fill('offered');
      let valid = true;
      for (const { kind, entry } of answers) {
        if (!valid) break;
        const isVerdict = kind === 'accept' || kind === 'skip' || kind === 'refuse';
        const id = entry === 'next' ? Math.max(0, states.indexOf(isVerdict ? 'offered' : 'accepted')) : entry;
        stream.say(isVerdict ? verdict(id, { verdict: kind }) : receipt(id, { code: kind === 'failed' ? 4 : 0 }));
        // Verdicts come in order, and an accepted entry is sent to its end at once.
        valid = isVerdict ? states.indexOf('offered') === id : states[id] === 'accepted';
        if (valid) states[id] = kind === 'accept' ? 'accepted' : kind;
        sending.step();
      }
      expect(sending.violation === undefined).toBe(valid);
      const names: Record<string, string> = { skip: 'skipped', refuse: 'refused', stored: 'stored', failed: 'failed' };
      expect(sending.outcomes.map((outcome) => outcome?.status)).toEqual(states.map((state) => names[state]));
    }),
    { numRuns: 1000 },
  );
});
