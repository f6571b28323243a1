import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutText, encodeText } from '../../src/transfer/text.ts';
import { anyString } from '../any-string.ts';
import { utf8 } from './bytes.ts';

test('encodeText() agrees with TextEncoder on any string, lone surrogates too', () => {
  fc.assert(
    fc.property(anyString(), fc.string({ unit: fc.nat(65_535).map((unit) => String.fromCharCode(unit)) }), (a, b) => {
      expect(encodeText(a)).toEqual(utf8(a));
      expect(encodeText(b)).toEqual(utf8(b));
    }),
    { numRuns: 1000 },
  );
});

test('cutText() keeps the longest run of whole characters that fits', () => {
  fc.assert(
    fc.property(anyString(), fc.nat(40), (text, limit) => {
      let expected = '';
      for (const char of text) {
        if (utf8(expected + char).length > limit) break;
        expected += char;
      }
      expect(cutText(utf8(text), limit)).toEqual(utf8(expected));
    }),
    { numRuns: 1000 },
  );
});

test('cutText() ends on bytes that are no UTF-8', () => {
  expect(cutText(new Uint8Array(10).fill(0x80), 5)).toEqual(new Uint8Array(0));
});
