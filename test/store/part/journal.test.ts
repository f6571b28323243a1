import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatJournal, type Journal, parseJournal } from '../../../src/store/part/journal.ts';

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

const whole = fc.maxSafeNat();
const journals: fc.Arbitrary<Journal> = fc.record({
  path: fc.array(fc.uint8Array({ minLength: 1, maxLength: 255 }), { minLength: 1, maxLength: 64 }),
  size: fc.option(whole, { nil: undefined }),
  mtime: fc.option(fc.maxSafeInteger(), { nil: undefined }),
  created: whole,
});

/** With a check that is right, whatever the lines say. */
const checked = (lines: string): string =>
  `${lines}check ${createHash('sha256').update(lines, 'latin1').digest('hex').slice(0, 16)}\n`;
const LINES = 'udpcp-journal 2\npath 64/612e747874\nsize 5\nmtime -1\ncreated 1700000000000\n';
const EXAMPLE = checked(LINES);

describe('the journal', () => {
  test('is this text', () => {
    expect(
      formatJournal({ path: [bytesOf('d'), bytesOf('a.txt')], size: 5, mtime: -1, created: 1_700_000_000_000 }),
    ).toBe(EXAMPLE);
  });

  test('says what was written into it', () => {
    fc.assert(
      fc.property(journals, (journal) => {
        expect(parseJournal(bytesOf(formatJournal(journal)))).toEqual(journal);
      }),
    );
  });

  test('cut short anywhere it is none', () => {
    for (let end = 0; end < EXAMPLE.length; end++) expect(parseJournal(bytesOf(EXAMPLE.slice(0, end)))).toBeUndefined();
  });

  test('with any bit flipped it is none', () => {
    const journal = bytesOf(EXAMPLE);
    for (let bit = 0; bit < journal.length * 8; bit++) {
      const flipped = journal.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(parseJournal(flipped)).toBeUndefined();
    }
  });

  test.each([
    ['another version', checked(LINES.replace('journal 2', 'journal 1'))],
    ['no path', checked(LINES.replace('64/612e747874', ''))],
    ['an empty component', checked(LINES.replace('64/', '/'))],
    ['half a byte of name', checked(LINES.replace('612e747874', '612'))],
    ['a name too long', checked(LINES.replace('612e747874', '61'.repeat(256)))],
    ['a path too long', checked(LINES.replace('64/', '64/'.repeat(64)))],
    ['a size above 2^53', checked(LINES.replace('size 5', 'size 9007199254740993'))],
    ['a negative size', checked(LINES.replace('size 5', 'size -5'))],
    ['a leading zero', checked(LINES.replace('size 5', 'size 05'))],
    ['minus zero', checked(LINES.replace('mtime -1', 'mtime -0'))],
    ['a check of something else', EXAMPLE.replace('size 5', 'size 6')],
    ['no check', LINES],
    ['more after its end', `${EXAMPLE}x`],
    ['two journals', EXAMPLE + EXAMPLE],
    ['a field twice', checked(LINES.replace('size 5', 'size 5\nsize 6'))],
    ['a megabyte', 'x'.repeat(1_000_000)],
  ])('with %s it is none', (_what, text) => {
    expect(parseJournal(bytesOf(text))).toBeUndefined();
  });

  test('any bytes at all give a journal or none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        expect(parseJournal(bytes)).toBeUndefined();
      }),
    );
  });
});
