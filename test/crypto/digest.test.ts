import { expect, test } from 'vitest';
import { createSha256 } from '../../src/crypto/digest.ts';

// FIPS 180-4, examples.
test.each([
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
])('createSha256() of "%s", at once and in pieces', (text, hex) => {
  const whole = createSha256();
  whole.update(Buffer.from(text));
  expect(Buffer.from(whole.digest()).toString('hex')).toBe(hex);
  const pieces = createSha256();
  for (const byte of Buffer.from(text)) pieces.update(Uint8Array.of(byte));
  expect(Buffer.from(pieces.digest()).toString('hex')).toBe(hex);
});

test('createSha256() gives digests of their own', () => {
  const [one, two] = [createSha256(), createSha256()];
  one.update(Uint8Array.of(1));
  expect(one.digest()).not.toEqual(two.digest());
});
