/** Bytes of a file: always the same for a size, different at every offset that matters (not periodic in a power of 2). */
export function bytesLike(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let i = 0, x = size; i < size; i++) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = x >>> 24;
  }
  return bytes;
}
