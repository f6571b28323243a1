import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryEntry } from '../../src/transfer/memory-source.ts';
import { MAX_UNANSWERED_PREFIXES } from '../../src/transfer/message-layout.ts';
import type { IncomingMessage } from '../../src/transfer/messages.ts';
import { equalBytes } from '../../src/transfer/outcome.ts';
import type { OutgoingEntry, Wanted } from '../../src/transfer/ports.ts';
import { SendingTransfer } from '../../src/transfer/sending.ts';
import { createDigest, sha256, utf8 } from './bytes.ts';
import type { SentMessage } from './codec.ts';
import { missing, receipt, verdict } from './phrases.ts';
import { CHUNK, chunk, FILE, fileEntry } from './resume-phrases.ts';
import { ScriptedStream } from './scripted-stream.ts';

const TAIL = 3 * CHUNK;
const resume = (over = {}): SentMessage => verdict(0, { offset: TAIL, ...over });
const stored = receipt(0, { size: FILE.length, digest: sha256(FILE) });

type Say = (...messages: SentMessage[]) => IncomingMessage[];
function started(...outgoing: OutgoingEntry[]): { stream: ScriptedStream; sending: SendingTransfer; say: Say } {
  const stream = new ScriptedStream();
  const sending = new SendingTransfer(outgoing, stream, () => {});
  sending.step();
  stream.heard();
  const say: Say = (...messages) => {
    stream.say(...messages);
    sending.step();
    return stream.heard();
  };
  return { stream, sending, say };
}

/** Where each CONTENT began and ended. */
const spans = (messages: readonly IncomingMessage[]): number[][] =>
  messages.flatMap((message) =>
    message.kind === 'content' ? [[message.offset, message.offset + message.bytes.length]] : [],
  );
const kinds = (messages: readonly IncomingMessage[]): string[] => messages.map(({ kind }) => kind);

test('the tail and the digests of what is before it go out at once, what differs again, and the end last', () => {
  const { sending, say } = started(fileEntry('0', { prefixChunks: 2 }));
  const first = say(resume());
  expect(first.filter(({ kind }) => kind === 'prefix')).toEqual([
    { kind: 'prefix', entry: 0, offset: 0, digests: [chunk(0), chunk(1)].map(sha256) },
    { kind: 'prefix', entry: 0, offset: 2 * CHUNK, digests: [chunk(2)].map(sha256) },
  ]);
  expect(spans(first).at(0)?.[0]).toBe(TAIL);
  expect(spans(first).at(-1)?.[1]).toBe(FILE.length);
  expect(kinds(first)).not.toContain('end');
  expect(sending.progress).toMatchObject({ bytes: FILE.length, resumed: TAIL, bytesTotal: FILE.length });

  const second = say(missing(0, 0, '01'));
  expect(spans(second)).toEqual([[CHUNK, 2 * CHUNK]]);
  expect(second.every((one) => one.kind === 'content' && equalBytes(one.bytes, chunk(1)))).toBe(true);
  expect(sending.progress).toMatchObject({ bytes: FILE.length, resumed: 2 * CHUNK });

  expect(say(missing(0, 2 * CHUNK, '0'))).toEqual([
    { kind: 'end', entry: 0, size: FILE.length, digest: sha256(FILE) },
    { kind: 'done', entries: 1 },
  ]);
  say(stored);
  const had = { resumed: 2 * CHUNK, alreadyThere: false };
  expect(sending.had).toEqual(new Map([[0, had]]));
  expect(sending.outcomes).toMatchObject([{ status: 'stored', size: FILE.length, ...had }]);
});

test('all of it may be there: only digests go out, and the end', () => {
  const whole = { size: TAIL, generate: (offset: number, length: number) => FILE.slice(offset, offset + length) };
  const { say } = started(generatedEntry(whole));
  expect(kinds(say(resume()))).toEqual(['prefix']);
  expect(kinds(say(missing(0, 0, '000')))).toEqual(['end', 'done']);
});

test('with verdict compare nothing goes out but the end, and its receipt tells whether it was the same', () => {
  for (const { code, status, ...had } of [
    { code: 0, status: 'stored', resumed: FILE.length, alreadyThere: true },
    { code: 1, status: 'failed', resumed: 0, alreadyThere: false },
  ]) {
    const { sending, say } = started(fileEntry());
    expect(say(verdict(0, { verdict: 'compare' }))).toEqual([
      { kind: 'end', entry: 0, size: FILE.length, digest: sha256(FILE) },
      { kind: 'done', entries: 1 },
    ]);
    expect(sending.progress).toMatchObject({ bytes: FILE.length, resumed: FILE.length, bytesTotal: FILE.length });
    say({ ...stored, code, text: utf8('already there') });
    expect(sending.outcomes).toMatchObject([{ status, code, text: utf8('already there'), ...had }]);
  }
});

test('a file that is shorter or longer than it was offered is no match for any digest: it is aborted', () => {
  for (const size of [FILE.length - 1, FILE.length + 1]) {
    const entry = fileEntry();
    const { say } = started({ ...entry, offer: { ...entry.offer, size } });
    expect(say(verdict(0, { verdict: 'compare' }))).toMatchObject([{ kind: 'abort', code: 8 }, { kind: 'done' }]);
  }
});

describe('a receiver that resumes against the rules is found out', () => {
  const skip = verdict(1, { verdict: 'skip' });
  const table: { name: string; said: SentMessage[][]; violation: RegExp; options?: object }[] = [
    { name: 'answers the second prefix first', said: [[resume()], [missing(0, CHUNK, '0')]], violation: /waits for/ },
    { name: 'answers with too few bits', said: [[resume()], [missing(0, 0, '0')]], violation: /waits for none/ },
    { name: 'answers twice', said: [[resume()], [missing(0, 0, '000'), missing(0, 0, '000')]], violation: /waits/ },
    { name: 'answers for another entry', said: [[resume(), skip], [missing(1, 0, '000')]], violation: /waits for/ },
    { name: 'gives a receipt instead', said: [[resume()], [stored]], violation: /receipt for an entry/ },
    { name: 'asks for more than it offered', said: [[resume({ offset: 4 * CHUNK })]], violation: /beyond the size/ },
    {
      name: 'gives the receipt of an abort before its answers',
      said: [[resume()], [receipt(0, { code: 9 })]],
      violation: /before the answer to a prefix/,
      options: { failure: { after: 0, code: 9 } },
    },
    {
      name: 'answers an aborted entry twice',
      said: [[resume()], [missing(0, 0, '000'), missing(0, 0, '000')]],
      violation: /waits for none/,
      options: { failure: { after: 0, code: 9 } },
    },
    {
      name: 'resumes a pipe',
      said: [[resume()]],
      violation: /beyond the size/,
      options: { sizeKnown: false },
    },
  ];

  test.each(table)('$name', ({ said, violation, options }) => {
    const { sending, say } = started(fileEntry('0', options), fileEntry('1'));
    for (const messages of said) {
      expect(sending.state).toBe('running');
      say(...messages);
    }
    expect(sending.violation).toMatch(violation);
    expect(sending.state).toBe('failed');
  });
});

test('answers that cross an abort are taken, and its receipt after them', () => {
  const { stream, sending, say } = started(fileEntry('0', { failure: { after: 0, code: 9 } }));
  expect(kinds(say(resume()))).toEqual(['prefix', 'abort', 'done']);
  say(missing(0, 0, '111'), receipt(0, { code: 9 }));
  stream.sayEnd();
  sending.step();
  expect(sending.state).toBe('complete');
  expect(sending.outcomes).toMatchObject([{ status: 'failed', code: 9 }]);
});

test('no more prefixes go out than may wait for their answers', () => {
  const size = 40 * CHUNK;
  const zeros = { size, generate: (_: number, length: number) => new Uint8Array(length) };
  const { say } = started(generatedEntry(zeros, { prefixChunks: 1 }));
  const prefixes = (messages: readonly IncomingMessage[]): number =>
    messages.filter(({ kind }) => kind === 'prefix').length;
  expect(prefixes(say(verdict(0, { offset: size })))).toBe(MAX_UNANSWERED_PREFIXES);
  expect(prefixes(say(missing(0, 0, '0'), missing(0, CHUNK, '0')))).toBe(2);
});

test('what the receiver wants is what a source is opened for', () => {
  const wanted: Wanted[] = [];
  const watched = [0, 1, 2].map((index): OutgoingEntry => {
    const entry = fileEntry(`${index}`);
    const open: OutgoingEntry['open'] = (what, wake) => {
      wanted.push(what);
      return entry.open(what, wake);
    };
    return { ...entry, open };
  });
  const { say } = started(...watched);
  say(resume(), verdict(1), verdict(2, { verdict: 'compare' }));
  const early = { kind: 'content', from: 0 }; // before the verdict
  expect(wanted).toEqual([early, { kind: 'content', from: TAIL }, { kind: 'content', from: 0 }, { kind: 'digest' }]);
});

/** Answers of any kind to a resumed file; the model is the table of states. */
test('any sequence of answers is judged as the table of states says, and what is asked for is sent', () => {
  const answer = fc.record({
    what: fc.constantFrom('missing', 'missing', 'missing', 'other', 'receipt'),
    bits: fc.nat(3),
  });
  const goodFaith = fc
    .tuple(fc.nat(3), fc.nat(3), fc.nat(3))
    .map((bits) => [...bits.map((some) => ({ what: 'missing', bits: some })), { what: 'receipt', bits: 0 }]);
  const scripts = fc.oneof(goodFaith, fc.array(answer, { maxLength: 6 }));
  let complete = 0;
  fc.assert(
    fc.property(scripts, (script) => {
      const { sending, say } = started(fileEntry('0', { prefixChunks: 1, pieceSize: CHUNK }));
      say(resume());
      let answered = 0;
      let valid = true;
      for (const { what, bits } of script) {
        if (!valid || sending.outcomes[0] !== undefined) break;
        if (what === 'missing') {
          const sent = say(missing(0, answered * CHUNK, bits === 0 ? '1' : '0'));
          valid = answered < 3;
          if (valid) expect(spans(sent)).toEqual(bits === 0 ? [[answered * CHUNK, (answered + 1) * CHUNK]] : []);
          answered++;
        } else if (what === 'other') {
          say(missing(0, (answered + 1 + bits) * CHUNK, '0'));
          valid = false;
        } else {
          say(stored);
          valid = answered === 3;
          complete += Number(valid);
        }
        expect(sending.violation === undefined).toBe(valid);
      }
    }),
    { numRuns: 100 },
  );
  expect(complete).toBeGreaterThan(0);
}, 60_000);

function generatedEntry(
  content: { size: number; generate: (offset: number, length: number) => Uint8Array },
  options = {},
): OutgoingEntry {
  return memoryEntry('0', content, createDigest, options);
}
