import { describe, expect, test } from 'vitest';
import { formatOf, JsonLines } from '../../../src/cli/json/json-lines.ts';

/** The types of the lines that are written while so many bytes are unread, and how many were dropped. */
function written(unread: number): { types: string[]; dropped: number } {
  const types: string[] = [];
  const write = (line: string | Uint8Array): boolean => types.push(JSON.parse(String(line)).type) > 0;
  const lines = new JsonLines({ writableLength: unread, write });
  for (const type of ['progress', 'file', 'transfer', 'error', 'end'] as const) lines.write({ type, command: 'recv' });
  return { types, dropped: lines.dropped };
}

test.each([
  [0, ['progress', 'file', 'transfer', 'error', 'end'], 0],
  [65_537, ['file', 'transfer', 'error', 'end'], 0],
  [16 * 1024 * 1024 + 1, ['error', 'end'], 2],
])('with %d unread bytes %j are written', (unread, types, dropped) => {
  expect(written(unread)).toEqual({ types, dropped });
});

describe('formatOf()', () => {
  test.each([
    [['send', 'f', 'h', '--json'], 'json'],
    [['recv', '--jsonl'], 'jsonl'],
    [['recv', '--json', '--jsonl'], undefined],
    [['send', '--', '--json', 'h'], undefined],
    [['send', 'f', 'h'], undefined],
  ])('%j: %s', (args, format) => {
    expect(formatOf(args)).toBe(format);
  });
});
