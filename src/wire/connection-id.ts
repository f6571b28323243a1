import { readUint32, writeUint32 } from './bytes.ts';

/** 64 random bits that name a session at one of its two ends, as two unsigned 32-bit halves. */
export interface ConnectionId {
  readonly hi: number;
  readonly lo: number;
}

export function sameId(a: ConnectionId, b: ConnectionId): boolean {
  return a.hi === b.hi && a.lo === b.lo;
}

/** Writes 8 bytes at `at`. */
export function writeId(out: Uint8Array, at: number, id: ConnectionId): void {
  writeUint32(out, at, id.hi);
  writeUint32(out, at + 4, id.lo);
}

/** Reads 8 bytes at `at`; the caller has checked that they are there. */
export function readId(bytes: Uint8Array, at: number): ConnectionId {
  return { hi: readUint32(bytes, at), lo: readUint32(bytes, at + 4) };
}

/** 16 lower-case hexadecimal digits: for logs, and as the key of a table of sessions. */
export function idToHex(id: ConnectionId): string {
  return id.hi.toString(16).padStart(8, '0') + id.lo.toString(16).padStart(8, '0');
}
