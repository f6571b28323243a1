// Castagnoli's polynomial 0x1EDC6F41, bits reflected (RFC 3720 section 12.1 and appendix B.4).
const POLYNOMIAL = 0x82f63b78;
/** Bytes taken in one step: each has a table of its own. */
const SLICE = 16;
/** Shorter inputs go byte by byte: the view that reads words costs as much as so many bytes. */
const SHORT = 48;

/** Row k, of 256, holds the checksum of each byte value followed by k zero bytes. */
function buildTables(): Int32Array {
  const tables = new Int32Array(SLICE * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[byte] = crc;
  }
  for (let at = 256; at < tables.length; at += 1) {
    const shorter = tables[at - 256] as number;
    tables[at] = (shorter >>> 8) ^ (tables[shorter & 0xff] as number);
  }
  return tables;
}

const TABLES = buildTables();

/** What a word adds whose last byte is followed by so many rows' worth of bytes. */
function lookUp(word: number, row: number): number {
  const t = TABLES;
  return (
    (t[row + 768 + (word & 0xff)] as number) ^
    (t[row + 512 + ((word >>> 8) & 0xff)] as number) ^
    (t[row + 256 + ((word >>> 16) & 0xff)] as number) ^
    (t[row + (word >>> 24)] as number)
  );
}

/** CRC-32C of bytes start..end, end excluded, as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1;
  let at = start;
  if (end - start >= SHORT) {
    const words = new DataView(bytes.buffer, bytes.byteOffset, end);
    for (; at + SLICE <= end; at += SLICE) {
      // The last three words do not wait for the step before: only the first one meets its result.
      const rest =
        lookUp(words.getInt32(at + 4, true), 2048) ^
        lookUp(words.getInt32(at + 8, true), 1024) ^
        lookUp(words.getInt32(at + 12, true), 0);
      crc = rest ^ lookUp(crc ^ words.getInt32(at, true), 3072);
    }
  }
  for (; at < end; at += 1) crc = (crc >>> 8) ^ (TABLES[(crc ^ (bytes[at] as number)) & 0xff] as number);
  return ~crc >>> 0;
}
