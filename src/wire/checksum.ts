import { readUint32, writeUint32 } from './bytes.ts';
import { crc32c } from './crc32c.ts';

/** Bytes of the CRC-32C that ends every handshake packet and, under plain protection, every other packet. */
export const CHECKSUM = 4;

/** Appends the CRC-32C of bytes 0..end at `end`; returns the length with it. */
export function writeChecksum(datagram: Uint8Array, end: number): number {
  writeUint32(datagram, end, crc32c(datagram, 0, end));
  return end + CHECKSUM;
}

/** Whether the last 4 bytes are the CRC-32C of all before them. */
export function checksumHolds(datagram: Uint8Array): boolean {
  const end = datagram.length - CHECKSUM;
  return end >= 0 && readUint32(datagram, end) === crc32c(datagram, 0, end);
}
