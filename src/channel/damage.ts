import type { Bytes } from '../base/units.ts';

/** A copy of the first `kept` bytes with these bits inverted; bit 0 is the most significant bit of byte 0. */
export function damage(datagram: Uint8Array, kept: Bytes, flips: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(datagram.subarray(0, kept));
  for (const bit of flips) {
    const byte = bit >>> 3;
    bytes[byte] = (bytes[byte] ?? 0) ^ (0x80 >>> (bit & 7));
  }
  return bytes;
}
