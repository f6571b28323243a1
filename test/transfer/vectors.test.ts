import { describe, expect, test } from 'vitest';
import { fromHex, fromJson, readVectors, toHex, toJson } from '../wire/vector-file.ts';
import { encodeMessage, readAll, type SentMessage } from './codec.ts';

const file = readVectors();

describe('golden messages', () => {
  test.each(file.messages)('$name decodes to its fields', ({ kind, hex, fields }) => {
    const { messages, atBoundary } = readAll([fromHex(hex)]);
    expect(messages.map(toJson)).toEqual([{ kind, ...fields }]);
    expect(atBoundary).toBe(true);
  });

  test.each(file.messages)('$name encodes from its fields', ({ kind, hex, fields }) => {
    expect(toHex(encodeMessage({ kind, ...(fromJson(fields) as object) } as SentMessage))).toBe(hex);
  });
});

const malformed = file.malformed.filter(({ kind }) => kind === 'messages');

describe('malformed messages', () => {
  test.each(malformed)('$name is refused: $reason, whole or byte by byte', ({ hex, reason }) => {
    const bytes = fromHex(hex);
    expect(readAll([bytes]).messages).toEqual([{ kind: 'malformed', reason }]);
    expect(readAll(Array.from(bytes, (byte) => Uint8Array.of(byte))).messages).toEqual([{ kind: 'malformed', reason }]);
  });
});
