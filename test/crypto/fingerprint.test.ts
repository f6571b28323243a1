import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fingerprint } from '../../src/crypto/fingerprint.ts';
import { shakeHands } from './shake-hands.ts';

const WORDS = Array.from({ length: 2048 }, (_, index) => `word${index}`);

test('both ends of a handshake show the same five words, and two handshakes do not', () => {
  const { initiator, acceptor } = shakeHands();
  const words = fingerprint(initiator.channelBinding as Uint8Array, WORDS);
  expect(words).toHaveLength(5);
  expect(fingerprint(acceptor.channelBinding as Uint8Array, WORDS)).toEqual(words);
  expect(fingerprint(shakeHands().initiator.channelBinding as Uint8Array, WORDS)).not.toEqual(words);
});

test('every word of the list is used, at every place', () => {
  const seen = Array.from({ length: 5 }, () => new Set<string>());
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (binding) => {
      fingerprint(binding, WORDS).forEach((word, place) => void seen[place]?.add(word));
    }),
    { numRuns: 3000 },
  );
  // Of 2048 words about 1575 come up in 3000 draws; a bit that is stuck would leave 1024 at most.
  for (const words of seen) expect(words.size).toBeGreaterThan(1100);
});

test('a list of another length is refused', () => {
  expect(() => fingerprint(new Uint8Array(64), WORDS.slice(1))).toThrow(RangeError);
});
