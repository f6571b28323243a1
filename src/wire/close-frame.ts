import { copyBytes, readUint16, writeUint16 } from './bytes.ts';
import { type Malformed, malformed } from './malformed.ts';

export const CLOSE_TYPE = 0x07;
/** The most bytes of a CLOSE's reason. */
export const MAX_CLOSE_REASON = 255;

const CLOSE = { code: 1, length: 3, reason: 4 } as const;

/** The end of the session. */
export interface Close {
  readonly kind: 'close';
  /** 0..65535, see close-codes.ts; unknown ones are kept. */
  readonly code: number;
  /** For people: UTF-8 supposed, not validated, at most 255 bytes, a copy. */
  readonly reason: Uint8Array;
}

/** Bytes of a CLOSE with so long a reason. */
export function closeLength(reason: number): number {
  return CLOSE.reason + reason;
}

/** Writes a CLOSE at `at`, its reason cut to 255 bytes; returns the next offset. */
export function encodeClose(out: Uint8Array, at: number, code: number, reason: Uint8Array): number {
  const length = Math.min(reason.length, MAX_CLOSE_REASON);
  out[at] = CLOSE_TYPE;
  writeUint16(out, at + CLOSE.code, code);
  out[at + CLOSE.length] = length;
  out.set(reason.subarray(0, length), at + CLOSE.reason);
  return at + closeLength(length);
}

/** The type at `at` is known to be `CLOSE_TYPE`; nothing from `end` on is read. */
export function decodeClose(datagram: Uint8Array, at: number, end: number): Close | Malformed {
  if (end - at < CLOSE.reason) return malformed('truncated');
  const next = at + closeLength(datagram[at + CLOSE.length] as number);
  if (next > end) return malformed('truncated');
  return {
    kind: 'close',
    code: readUint16(datagram, at + CLOSE.code),
    reason: copyBytes(datagram, at + CLOSE.reason, next),
  };
}
