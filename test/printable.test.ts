import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columns, printable } from '../src/printable.ts';
import { anyString } from './any-string.ts';

/** What a terminal obeys, reorders or hides, first to last; a list of its own, to check the other one by. */
const DANGEROUS = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x61c, 0x61c],
  [0x180e, 0x180e],
  [0x200b, 0x200b],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0xd800, 0xdfff],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe007f],
] as const;

function dangersIn(text: string): number[] {
  const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  return points.filter((point) => DANGEROUS.some(([first, last]) => point >= first && point <= last));
}

describe('printable() escapes', () => {
  test.each([
    ['a terminal escape sequence', '\x1b[2Jboo', '\\u{1b}[2Jboo'],
    ['a window title', '\x1b]0;pwned\x07', '\\u{1b}]0;pwned\\u{7}'],
    ['the one-byte CSI', 'a\x9b31m', 'a\\u{9b}31m'],
    ['line ends, which forge log lines', 'a\r\nudpcp: ok', 'a\\u{d}\\u{a}udpcp: ok'],
    ['a carriage return, which hides what was before', 'evil\rgood', 'evil\\u{d}good'],
    ['tab, NUL and DEL', '\t\0\x7f', '\\u{9}\\u{0}\\u{7f}'],
    ['right-to-left override', 'photo\u{202e}gpj.exe', 'photo\\u{202e}gpj.exe'],
    ['bidi isolates and marks', '\u{2066}\u{2069}\u{61c}\u{200f}', '\\u{2066}\\u{2069}\\u{61c}\\u{200f}'],
    ['zero-width space and byte order mark', 'a\u{200b}b\u{feff}', 'a\\u{200b}b\\u{feff}'],
    ['soft hyphen and word joiner', 'a\u{ad}b\u{2060}', 'a\\u{ad}b\\u{2060}'],
    ['Unicode line and paragraph separators', 'a\u{2028}b\u{2029}', 'a\\u{2028}b\\u{2029}'],
    ['tag characters', 'a\u{e0041}\u{e007f}', 'a\\u{e0041}\\u{e007f}'],
    ['annotation characters and invisible fillers', '\u{fff9}\u{3164}\u{115f}', '\\u{fff9}\\u{3164}\\u{115f}'],
    ['lone surrogates', 'a\u{d83d}b\u{de00}', 'a\\u{d83d}b\\u{de00}'],
  ])('%s', (_, text, shown) => {
    expect(printable(text)).toBe(shown);
  });
});

describe('printable() leaves alone', () => {
  test.each([
    ['ASCII', ' !"#$%&\'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~'],
    ['accents, composed and not', 'caf\u{e9} cafe\u{301}'],
    ['other scripts', '\u{65e5}\u{672c}\u{8a9e} \u{0440}\u{0443} \u{0639}\u{0631}\u{0628}\u{064a} \u{5e2}'],
    ['Persian with its joiner', '\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}'],
    ['joined emoji', '\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} \u{2764}\u{fe0f}'],
    ['its own escapes', '\\u{1b}\\x9b'],
  ])('%s', (_, text) => {
    expect(printable(text)).toBe(text);
    expect(printable(new TextEncoder().encode(text))).toBe(text);
  });
});

describe('printable() of bytes shows what is not UTF-8 (RFC 3629)', () => {
  test.each([
    ['a byte that starts nothing', [0x61, 0xff, 0x62], 'a\\xffb'],
    ['a continuation alone', [0x80], '\\x80'],
    ['a truncated sequence', [0xe2, 0x82], '\\xe2\\x82'],
    ['an overlong slash', [0xc0, 0xaf], '\\xc0\\xaf'],
    ['an overlong three-byte form', [0xe0, 0x80, 0xaf], '\\xe0\\x80\\xaf'],
    ['a surrogate', [0xed, 0xa0, 0x80], '\\xed\\xa0\\x80'],
    ['beyond the last character', [0xf4, 0x90, 0x80, 0x80], '\\xf4\\x90\\x80\\x80'],
    ['Latin-1 text', [0x63, 0x61, 0x66, 0xe9], 'caf\\xe9'],
    ['a good sequence after a bad one', [0xc3, 0xc3, 0xa9], '\\xc3\u{e9}'],
    ['a byte order mark', [0xef, 0xbb, 0xbf, 0x61], '\\u{feff}a'],
    ['an encoded C1 control', [0xc2, 0x9b], '\\u{9b}'],
    ['nothing', [], ''],
  ])('%s', (_, bytes, shown) => {
    expect(printable(Uint8Array.from(bytes))).toBe(shown);
  });

  test('from a view into a larger buffer', () => {
    expect(printable(Uint8Array.from([0x1b, 0x61, 0x62, 0x1b]).subarray(1, 3))).toBe('ab');
  });
});

describe('printable() cuts', () => {
  test.each([
    ['not what fits', 'abcdef', 6, 'abcdef'],
    ['the end', 'abcdefg', 6, 'abc...'],
    ['no escape in half', 'a\x1bbcdef', 8, 'a...'],
    ['no wide character in half', '\u{65e5}\u{672c}\u{8a9e}', 5, '\u{65e5}...'],
    ['no surrogate pair in half', '\u{1f600}\u{1f600}\u{1f600}', 5, '\u{1f600}...'],
    ['to less than its mark', 'abcdef', 2, '..'],
    ['to nothing', 'abcdef', 0, ''],
  ])('%s', (_, text, max, shown) => {
    expect(printable(text, { max })).toBe(shown);
  });
});

const texts = fc.oneof(
  anyString(),
  fc.string({ unit: fc.constantFrom('\x1b', 'a', '\u{d800}', '\u{65e5}', '\u{202e}') }),
);

test('printable() lets nothing dangerous of the hostile names through', () => {
  const file = new URL('../fixtures/names.json', import.meta.url);
  const rows = JSON.parse(readFileSync(file, 'utf8')) as readonly { name?: string; hex?: string }[];
  const shown = rows.map(({ name, hex }) => printable(hex === undefined ? (name ?? '') : Buffer.from(hex, 'hex')));
  expect(rows.length).toBeGreaterThan(50);
  expect(shown.flatMap(dangersIn)).toEqual([]);
});

test('printable() lets nothing dangerous through and is stable, whatever the text', () => {
  fc.assert(
    fc.property(fc.oneof(texts, fc.uint8Array({ maxLength: 300 })), (text) => {
      const shown = printable(text);
      expect(dangersIn(shown)).toEqual([]);
      expect(printable(shown)).toBe(shown);
    }),
  );
});

test('printable() with max never takes more columns, and no fewer than it must', () => {
  fc.assert(
    fc.property(texts, fc.nat(40), (text, max) => {
      const shown = printable(text, { max });
      expect(columns(shown)).toBeLessThanOrEqual(max);
      if (columns(printable(text)) <= max) expect(shown).toBe(printable(text));
    }),
  );
});

test.each([
  ['ascii', 5],
  ['caf\u{e9}', 4],
  ['\u{65e5}\u{672c}', 4],
  ['\u{ff21}', 2],
  ['\u{1f600}', 2],
])('columns() of %s is %d', (text, count) => {
  expect(columns(text)).toBe(count);
});
