import type { Bytes } from '../base/units.ts';

/** The longest text for people we send, or keep of what a peer sent. */
export const MAX_TEXT: Bytes = 512;

/** UTF-8 (RFC 3629); a lone surrogate becomes U+FFFD. */
export function encodeText(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const char of text) {
    const scalar = char.codePointAt(0) ?? 0;
    const point = scalar >= 0xd800 && scalar <= 0xdfff ? 0xfffd : scalar;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), continuation(point));
    else if (point < 0x1_0000) bytes.push(0xe0 | (point >> 12), continuation(point >> 6), continuation(point));
    else bytes.push(0xf0 | (point >> 18), continuation(point >> 12), continuation(point >> 6), continuation(point));
  }
  return Uint8Array.from(bytes);
}

/** At most `limit` bytes of a text, cut between two characters; always a copy. */
export function cutText(text: Uint8Array, limit: Bytes = MAX_TEXT): Uint8Array {
  let end = Math.min(text.length, limit);
  // Not inside a character: a byte 10xxxxxx continues the one before it.
  if (end < text.length) while (end > 0 && ((text[end] ?? 0) & 0xc0) === 0x80) end--;
  return text.slice(0, end);
}

const continuation = (point: number): number => 0x80 | (point & 0x3f);
