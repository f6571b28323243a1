const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** RFC 4648 section 6, in lower case and without padding. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let count = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xfff;
    count += 8;
    for (; count >= 5; count -= 5) text += ALPHABET[(bits >>> (count - 5)) & 31];
  }
  return count === 0 ? text : text + ALPHABET[(bits << (5 - count)) & 31];
}

/** The inverse: what `encodeBase32` cannot have made gives undefined. */
export function decodeBase32(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) return undefined;
    bits = ((bits << 5) | value) & 0xfff;
    count += 5;
    if (count >= 8) {
      count -= 8;
      bytes[at++] = (bits >>> count) & 0xff;
    }
  }
  const isWhole = count < 5 && (bits & ((1 << count) - 1)) === 0;
  return isWhole ? bytes : undefined;
}
