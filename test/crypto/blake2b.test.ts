import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blake2b256, derive } from '../../src/crypto/blake2b.ts';
import { naiveBlake2b } from './naive-blake2b.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = fc.uint8Array({ maxLength: 300, size: 'max' });

// RFC 7693 appendix A.
test('the naive BLAKE2b has the digest of the RFC', () => {
  expect(hex(naiveBlake2b(Buffer.from('abc'), 64))).toBe(
    'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
  );
});

// The keyed test vectors of BLAKE2 (blake2b, key 00..3f): of no input, and of 00..ff up to two lengths.
test.each([
  [
    0,
    '10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568',
  ],
  [
    1,
    '961f6dd1e4dd30f63901690c512e78e4b45e4742ed197c3c5e45c549fd25f2e4187b0bc9fe30492b16b0d0bc4ef9b0f34c7003fac09a5ef1532e69430234cebd',
  ],
])('the naive BLAKE2b with a key has the digest of the test vector of %d bytes', (length, digest) => {
  const key = Uint8Array.from({ length: 64 }, (_, at) => at);
  expect(
    hex(
      naiveBlake2b(
        Uint8Array.from({ length }, (_, at) => at),
        64,
        key,
      ),
    ),
  ).toBe(digest);
});

test('the naive BLAKE2b agrees with the one of node:crypto', () => {
  fc.assert(
    fc.property(bytes, (input) => {
      expect(hex(naiveBlake2b(input, 64))).toBe(createHash('blake2b512').update(input).digest('hex'));
    }),
  );
});

test('blake2b256() agrees with it, with and without a key', () => {
  fc.assert(
    fc.property(bytes, fc.uint8Array({ minLength: 16, maxLength: 64 }), (input, key) => {
      expect(blake2b256(input)).toEqual(naiveBlake2b(input, 32));
      expect(blake2b256(input, key)).toEqual(naiveBlake2b(input, 32, key));
    }),
  );
});

test('derive() gives bytes of their own for each label and each secret', () => {
  const secrets = [new Uint8Array(32), new Uint8Array(32).fill(1)];
  const derived = secrets.flatMap((secret) => ['a', 'b', ''].map((label) => hex(derive(secret, label))));
  expect(new Set(derived).size).toBe(6);
});
