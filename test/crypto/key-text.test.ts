import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatKey, type KeyKind, parseKey } from '../../src/crypto/key-text.ts';

const KINDS = ['shared', 'identity', 'secret'] as const;
const BYTES = Uint8Array.from({ length: 32 }, (_, at) => at);
const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

const key = fc.uint8Array({ minLength: 32, maxLength: 32 });

// The text is for people and files, and so it must never change.
test.each([
  ['shared', 'udpcp1_aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypqraeenu'],
  ['identity', 'udpcp1id_aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypqskqs34'],
  ['secret', 'udpcp1secret_aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp6tl5mgi'],
] as const)('a key of kind %s looks like this', (kind, text) => {
  expect(formatKey(kind, BYTES)).toBe(text);
});

test('parsing inverts formatting, whatever the case and the white space around it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...KINDS), key, (kind, bytes) => {
      const text = formatKey(kind, bytes);
      expect(parseKey(kind, text)).toEqual(bytes);
      expect(parseKey(kind, ` \t${text.toUpperCase()}\r\n`)).toEqual(bytes);
    }),
  );
});

test('any one letter mistyped, any two neighbours swapped, is noticed', () => {
  for (const kind of KINDS) {
    const text = formatKey(kind, BYTES);
    const start = text.indexOf('_') + 1;
    for (let at = start; at < text.length; at++) {
      for (const letter of LETTERS) {
        const typed = text.slice(0, at) + letter + text.slice(at + 1);
        if (typed !== text) expect(() => parseKey(kind, typed)).toThrow('typing error');
      }
      const swapped =
        text.slice(0, at) +
        text
          .slice(at, at + 2)
          .split('')
          .reverse()
          .join('') +
        text.slice(at + 2);
      if (swapped !== text) expect(() => parseKey(kind, swapped)).toThrow('typing error');
    }
  }
});

const TEXT = formatKey('shared', BYTES);
const PUBLIC = formatKey('identity', BYTES);

test.each<[string, KeyKind, string, string]>([
  ['nothing', 'shared', '', 'a shared key begins with udpcp1_'],
  ['something else', 'shared', 'hunter2', 'a shared key begins with udpcp1_'],
  ['a public key', 'shared', PUBLIC, "a shared key begins with udpcp1_; this is a receiver's public key"],
  ['a shared key', 'identity', TEXT, "a receiver's public key begins with udpcp1id_; this is a shared key"],
  [
    'one letter too few',
    'shared',
    TEXT.slice(0, -1),
    'has 58 characters after udpcp1_, this one 57: was all of it copied?',
  ],
  ['one letter too many', 'shared', `${TEXT}a`, 'this one 59'],
  [
    'a digit of no key',
    'shared',
    `${TEXT.slice(0, -1)}0`,
    'this is no shared key: character 65 is none of a-z and 2-7',
  ],
  ['the bytes of a public key', 'shared', `udpcp1_${PUBLIC.slice(9)}`, 'typing error in the shared key'],
])('%s is told apart', (_, kind, text, words) => {
  expect(() => parseKey(kind, text)).toThrow(
    expect.objectContaining({ code: 'ERR_USAGE', message: expect.stringContaining(words) }),
  );
});

test('no error repeats what was typed: it may be nearly the key', () => {
  fc.assert(
    fc.property(fc.integer({ min: 7, max: TEXT.length - 1 }), fc.constantFrom('', 'a', '0', '-', 'zz'), (at, typo) => {
      const typed = TEXT.slice(0, at) + typo + TEXT.slice(at + 1);
      if (typed === TEXT) return;
      let message = '';
      try {
        parseKey('shared', typed);
      } catch (error) {
        message = String(error);
      }
      expect(message).not.toBe('');
      for (let from = 7; from + 8 < TEXT.length; from++) expect(message).not.toContain(TEXT.slice(from, from + 8));
    }),
  );
});
