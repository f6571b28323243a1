import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatJournal, type Journal, parseJournal } from '../../src/store/journal.ts';

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

const whole = fc.maxSafeNat();
const journals: fc.Arbitrary<Journal> = fc.record({
  name: fc.uint8Array({ minLength: 1, maxLength: 255 }),
  size: fc.option(whole, { nil: undefined }),
  mtime: fc.option(fc.maxSafeInteger(), { nil: undefined }),
  created: whole,
});

const EXAMPLE = 'udpcp-journal 1\nname 612e747874\nsize 5\nmtime -1\ncreated 1700000000000\nend\n';

describe('the journal', () => {
  test('is this text', () => {
    expect(formatJournal({ name: bytesOf('a.txt'), size: 5, mtime: -1, created: 1_700_000_000_000 })).toBe(EXAMPLE);
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

  test('with any bit flipped it is none, or one that is written exactly so', () => {
    const journal = bytesOf(EXAMPLE);
    for (let bit = 0; bit < journal.length * 8; bit++) {
      const flipped = journal.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const parsed = parseJournal(flipped);
      if (parsed !== undefined) expect(bytesOf(formatJournal(parsed))).toEqual(flipped);
    }
  });

  test.each([
    ['another version', EXAMPLE.replace('journal 1', 'journal 2')],
    ['no name', EXAMPLE.replace('612e747874', '')],
    ['half a byte of name', EXAMPLE.replace('612e747874', '612')],
    ['a name too long', EXAMPLE.replace('612e747874', '61'.repeat(256))],
    ['a size above 2^53', EXAMPLE.replace('size 5', 'size 9007199254740993')],
    ['a negative size', EXAMPLE.replace('size 5', 'size -5')],
    ['a leading zero', EXAMPLE.replace('size 5', 'size 05')],
    ['minus zero', EXAMPLE.replace('mtime -1', 'mtime -0')],
    ['more after its end', `${EXAMPLE}x`],
    ['two journals', EXAMPLE + EXAMPLE],
    ['a field twice', EXAMPLE.replace('size 5', 'size 5\nsize 6')],
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
