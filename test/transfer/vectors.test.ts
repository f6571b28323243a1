import { describe, expect, test } from 'vitest';
import { PipeTransfer } from '../../src/transfer/pipe.ts';
import { fromHex, fromJson, readVectors, toHex, toJson } from '../wire/vector-file.ts';
import { encodeMessage, readAll, type SentMessage } from './codec.ts';
import { ScriptedStream } from './scripted-stream.ts';

const file = readVectors();
const golden = file.messages.filter(({ kind }) => kind !== 'pipe'); // that is no message of a transfer

describe('golden messages', () => {
  test.each(golden)('$name decodes to its fields', ({ kind, hex, fields }) => {
    const { messages, atBoundary } = readAll([fromHex(hex)]);
    expect(messages.map(toJson)).toEqual([{ kind, ...fields }]);
    expect(atBoundary).toBe(true);
  });

  test.each(golden)('$name encodes from its fields', ({ kind, hex, fields }) => {
    expect(toHex(encodeMessage({ kind, ...(fromJson(fields) as object) } as SentMessage))).toBe(hex);
  });
});

test('the header of a pipe is one, and refused where messages are expected', () => {
  const headers = file.messages.filter(({ kind }) => kind === 'pipe').map(({ hex }) => fromHex(hex));
  expect(headers).toHaveLength(1);
  const written: Uint8Array[] = [];
  const stream = Object.assign(new ScriptedStream(), {
    writeFinished: false,
    write: (bytes: Uint8Array) => void written.push(bytes),
  });
  const input = { poll: () => undefined, close: () => {} };
  const output = { write: () => {}, taken: () => 0, end: () => {}, state: 'open', failure: undefined } as const;
  new PipeTransfer(stream, input, output, false).step();
  expect(written).toEqual(headers);
  expect(readAll(headers).messages).toEqual([{ kind: 'malformed', reason: 'pipe' }]);
});

const malformed = file.malformed.filter(({ kind }) => kind === 'messages');

describe('malformed messages', () => {
  test.each(malformed)('$name is refused: $reason, whole or byte by byte', ({ hex, reason }) => {
    const bytes = fromHex(hex);
    expect(readAll([bytes]).messages).toEqual([{ kind: 'malformed', reason }]);
    expect(readAll(Array.from(bytes, (byte) => Uint8Array.of(byte))).messages).toEqual([{ kind: 'malformed', reason }]);
  });
});
