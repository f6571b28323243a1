/**
 * Big-endian unsigned integers at an offset of the caller's bytes. Shifts, not a DataView: nothing is allocated.
 * The caller has checked that the bytes are there.
 */

export function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return ((readUint16(bytes, at) << 16) | readUint16(bytes, at + 2)) >>> 0;
}

export function readUint48(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at) * 2 ** 32 + readUint32(bytes, at + 2);
}

/** Exact up to 2^53 - 1; a larger value comes out inexact but above Number.MAX_SAFE_INTEGER, so one compare refuses it. */
export function readUint64(bytes: Uint8Array, at: number): number {
  return readUint32(bytes, at) * 2 ** 32 + readUint32(bytes, at + 4);
}

export function writeUint16(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 8;
  out[at + 1] = value;
}

export function writeUint32(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
}

export function writeUint48(out: Uint8Array, at: number, value: number): void {
  writeUint16(out, at, Math.floor(value / 2 ** 32));
  writeUint32(out, at + 2, value >>> 0);
}

/** `value` is an integer of 0..2^53 - 1. */
export function writeUint64(out: Uint8Array, at: number, value: number): void {
  writeUint32(out, at, Math.floor(value / 2 ** 32));
  writeUint32(out, at + 4, value >>> 0);
}

/** A copy that owns its memory: `slice` of a Node Buffer would be a view of the datagram. */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}

export function isAllZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (bytes[at] !== 0) return false;
  return true;
}
