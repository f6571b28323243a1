import { derive } from './blake2b.ts';

const WORDS = 5;
/** Bits that choose one of 2048 words. */
const WORD_BITS = 11n;
const BITS = BigInt(WORDS) * WORD_BITS;

/**
 * Five words, 55 bits, that both ends of one handshake show and that differ when somebody is in between (PROTOCOL.md,
 * section "Fingerprint"). `words` are the 2048 of a list.
 */
export function fingerprint(channelBinding: Uint8Array, words: readonly string[]): readonly string[] {
  if (words.length !== 2 ** Number(WORD_BITS)) throw new RangeError('a word list has 2048 words');
  const digest = derive(channelBinding, 'udpcp1 sas');
  const bits = BigInt(`0x${Buffer.from(digest.subarray(0, 8)).toString('hex')}`) >> (64n - BITS);
  return Array.from({ length: WORDS }, (_, index) => {
    const choice = (bits >> (WORD_BITS * BigInt(WORDS - 1 - index))) & (2n ** WORD_BITS - 1n);
    return words[Number(choice)] as string;
  });
}
