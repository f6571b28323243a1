import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_CONTENT } from '../../src/transfer/message-layout.ts';
import { MessageReader } from '../../src/transfer/message-reader.ts';
import { naiveMessage } from '../wire/naive-messages.ts';
import { messageArb, nearlyValidArb, slicesArb } from './arbitraries.ts';
import { join, slice } from './bytes.ts';
import { encodeMessage, gatherContent, readAll } from './codec.ts';

test('messages come out as they went in, however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(messageArb, { maxLength: 8 }), slicesArb, (sent, sizes) => {
      const { messages, atBoundary } = readAll(slice(join(sent.map(encodeMessage)), sizes));
      expect(gatherContent(messages)).toEqual(gatherContent(sent));
      expect(atBoundary).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('the encoder agrees with the naive one', () => {
  fc.assert(
    fc.property(messageArb, (message) => {
      expect(encodeMessage(message)).toEqual(Uint8Array.from(naiveMessage(message).bytes));
    }),
    { numRuns: 500 },
  );
});

test('any bytes give the same messages however they are cut, and a malformed one at most once, at the end', () => {
  const anyStream = fc.oneof(fc.uint8Array({ maxLength: 200 }), nearlyValidArb);
  fc.assert(
    fc.property(anyStream, slicesArb, (stream, sizes) => {
      const whole = readAll([stream]).messages;
      expect(gatherContent(readAll(slice(stream, sizes)).messages)).toEqual(gatherContent(whole));
      expect(whole.findIndex(({ kind }) => kind === 'malformed')).toBeOneOf([-1, whole.length - 1]);
    }),
    { numRuns: 500 },
  );
});

test('every cut of a message before its end is no boundary and no message', () => {
  fc.assert(
    fc.property(messageArb, (message) => {
      const bytes = encodeMessage(message);
      for (let end = 1; end < bytes.length; end++) {
        const { messages, atBoundary } = readAll([bytes.subarray(0, end)]);
        expect(atBoundary).toBe(false);
        expect(messages.every(({ kind }) => kind === 'content' || kind === 'early')).toBe(true);
      }
    }),
  );
});

test('content is not copied: its pieces are views of what was pushed', () => {
  const bytes = encodeMessage({ kind: 'content', entry: 3, offset: 10, bytes: new Uint8Array(100) });
  const slices = [bytes.slice(0, 40), bytes.slice(40)];
  const { messages } = readAll(slices);
  const views = messages.map((message) => (message.kind === 'content' ? message.bytes.buffer : undefined));
  expect(views).toEqual([slices[0]?.buffer, slices[1]?.buffer]);
  expect(views[0]).toBe(slices[0]?.buffer);
  expect(views[1]).toBe(slices[1]?.buffer);
  expect(messages).toMatchObject([{ offset: 10 }, { offset: 33 }]);
});

test('other messages are copied: what was pushed may change afterwards', () => {
  const sent = { kind: 'abort', entry: 1, code: 8, text: Uint8Array.of(1, 2, 3) } as const;
  const bytes = encodeMessage(sent);
  const reader = new MessageReader();
  reader.push(bytes);
  const message = reader.poll();
  bytes.fill(0);
  expect(message).toEqual(sent);
});

test('content of the greatest length is read, one byte more is malformed', () => {
  const content = { kind: 'content', entry: 0, offset: 0 } as const;
  const largest = encodeMessage({ ...content, bytes: new Uint8Array(MAX_CONTENT) });
  expect(readAll([largest])).toMatchObject({ messages: [{ kind: 'content' }], atBoundary: true });
  const larger = encodeMessage({ ...content, bytes: new Uint8Array(MAX_CONTENT + 1) });
  expect(readAll([larger]).messages).toEqual([{ kind: 'malformed', reason: 'length' }]);
});

test('after a malformed message nothing is read any more', () => {
  const reader = new MessageReader();
  reader.push(Uint8Array.of(0x7f, 0, 0, 0, 4));
  expect(reader.poll()).toEqual({ kind: 'malformed', reason: 'type' });
  reader.push(encodeMessage({ kind: 'done', entries: 0 }));
  expect(reader.poll()).toBeUndefined();
});
