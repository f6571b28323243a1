import type { StreamOffset } from '../base/units.ts';
import { readUint64, writeUint64 } from './bytes.ts';
import { MAX_STREAM_OFFSET } from './limits.ts';
import { type Malformed, malformed } from './malformed.ts';

export const CREDIT_TYPE = 0x04;
/** Bytes of a CREDIT frame. */
export const CREDIT_LENGTH = 9;

/** How far its receiver may send. */
export interface Credit {
  readonly kind: 'credit';
  /** Stream bytes below this offset may be sent. */
  readonly maximum: StreamOffset;
}

/** Writes a CREDIT at `at`; returns the next offset. */
export function encodeCredit(out: Uint8Array, at: number, maximum: StreamOffset): number {
  out[at] = CREDIT_TYPE;
  writeUint64(out, at + 1, maximum);
  return at + CREDIT_LENGTH;
}

/** The type at `at` is known to be `CREDIT_TYPE`; nothing from `end` on is read. */
export function decodeCredit(datagram: Uint8Array, at: number, end: number): Credit | Malformed {
  if (end - at < CREDIT_LENGTH) return malformed('truncated');
  const maximum = readUint64(datagram, at + 1);
  return maximum > MAX_STREAM_OFFSET ? malformed('range') : { kind: 'credit', maximum };
}
