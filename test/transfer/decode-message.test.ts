import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkHeader, decodeBody } from '../../src/transfer/decode-message.ts';
import { MESSAGE_HEADER } from '../../src/transfer/message-layout.ts';
import { messageArb } from './arbitraries.ts';
import { encodeMessage } from './codec.ts';

const typeArb = fc.oneof(fc.constantFrom(1, 2, 3, 4, 5, 6, 0x11, 0x12, 0x13), fc.integer({ min: 0, max: 255 }));
const controlArb = messageArb.filter(({ kind }) => kind !== 'content').map(encodeMessage);

test('decodeBody() gives a message or a reason for any body of any type', () => {
  fc.assert(
    fc.property(typeArb, fc.uint8Array({ maxLength: 200 }), (type, body) => {
      expect(decodeBody(type, body).kind).toMatch(/^(offer|prefix|end|abort|done|verdict|missing|receipt|malformed)$/);
    }),
    { numRuns: 1000 },
  );
});

test('whatever decodes from damaged bytes encodes to the same length again: no byte of a body goes unread', () => {
  fc.assert(
    fc.property(controlArb, fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, mask) => {
      const type = bytes[0] ?? 0;
      const body = bytes.slice(MESSAGE_HEADER);
      const index = at % body.length;
      body[index] = (body[index] ?? 0) ^ mask;
      const message = decodeBody(type, body);
      if (message.kind === 'malformed') return;
      expect(encodeMessage(message).length).toBe(bytes.length);
    }),
    { numRuns: 1000 },
  );
});

test('a body one byte longer or shorter is malformed', () => {
  fc.assert(
    fc.property(controlArb, (bytes) => {
      const type = bytes[0] ?? 0;
      const body = bytes.subarray(MESSAGE_HEADER);
      expect(decodeBody(type, body.subarray(0, -1)).kind).toBe('malformed');
      expect(decodeBody(type, Uint8Array.of(...body, 0)).kind).toBe('malformed');
    }),
  );
});

test.each([
  { type: 0x01, length: 28, reason: 'length' },
  { type: 0x01, length: 4097, reason: 'length' },
  { type: 0x02, length: 12, reason: 'length' },
  { type: 0x02, length: 1_048_589, reason: 'length' },
  { type: 0x05, length: 0xffff_ffff, reason: 'length' },
  { type: 0x00, length: 0, reason: 'type' },
  { type: 0x06, length: 45, reason: 'length' },
  { type: 0x13, length: 14, reason: 'length' },
  { type: 0x07, length: 12, reason: 'length' },
  { type: 0x07, length: 12 + 262_145, reason: 'length' },
  { type: 0x08, length: 46, reason: 'type' },
  { type: 0x20, length: 0, reason: 'pipe' },
  { type: 0x20, length: 1, reason: 'type' },
])('a header of type $type and length $length is malformed before its body came', ({ type, length, reason }) => {
  expect(checkHeader(type, length)).toEqual({ kind: 'malformed', reason });
});
