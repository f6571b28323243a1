/** The byte at an offset of every stream in these tests: no page or packet repeats it. */
export const byteAt = (offset: number): number => (offset ^ (offset >>> 8) ^ (offset >>> 16) ^ 0x5a) & 0xff;

/** Bytes start..end-1 of that stream. */
export const contentOf = (start: number, end: number): Uint8Array =>
  Uint8Array.from({ length: end - start }, (_, i) => byteAt(start + i));
