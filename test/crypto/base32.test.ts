import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBase32, encodeBase32 } from '../../src/crypto/base32.ts';

// RFC 4648 section 10, in lower case and without padding.
test.each([
  ['', ''],
  ['f', 'my'],
  ['fo', 'mzxq'],
  ['foo', 'mzxw6'],
  ['foob', 'mzxw6yq'],
  ['fooba', 'mzxw6ytb'],
  ['foobar', 'mzxw6ytboi'],
])('"%s" is "%s"', (text, base32) => {
  expect(encodeBase32(Buffer.from(text))).toBe(base32);
  expect(Buffer.from(decodeBase32(base32) ?? []).toString()).toBe(text);
});

test('decoding inverts encoding', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeBase32(encodeBase32(bytes))).toEqual(bytes);
    }),
  );
});

test('each text is the only one of its bytes, or is refused', () => {
  const letters = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567');
  fc.assert(
    fc.property(fc.string({ unit: letters, maxLength: 20 }), (text) => {
      const bytes = decodeBase32(text);
      if (bytes !== undefined) expect(encodeBase32(bytes)).toBe(text);
    }),
  );
});

test.each([
  ['a capital', 'MY'],
  ['padding', 'my======'],
  ['a digit that looks like a letter', 'm0'],
  ['a half byte', 'm'],
  ['a bit beyond the last byte', 'mz'],
  ['a character of two units', '\u{1f600}y'],
])('%s is refused', (_, text) => {
  expect(decodeBase32(text)).toBeUndefined();
});
