import type { Bytes, StreamOffset } from '../base/units.ts';
import { readUint16, readUint64, writeUint16, writeUint64 } from './bytes.ts';
import { MAX_STREAM_OFFSET } from './limits.ts';
import { type Malformed, malformed } from './malformed.ts';

export const DATA_TYPE = 0x03;
/** Bytes of a DATA frame before its payload. */
export const DATA_HEADER = 12;

const DATA = { flags: 1, offset: 2, length: 10 } as const;
const FIN = 1;

/** Bytes of the stream. */
export interface Data {
  readonly kind: 'data';
  /** The stream ends at offset + bytes.length. */
  readonly fin: boolean;
  readonly offset: StreamOffset;
  /** A view of the datagram; empty only with `fin`. */
  readonly bytes: Uint8Array;
}

/** Bytes of a DATA frame with so much payload. */
export function dataLength(payload: Bytes): number {
  return DATA_HEADER + payload;
}

/** Writes the header at `at`; returns where the caller copies the payload of `length` bytes to. */
export function encodeData(out: Uint8Array, at: number, offset: StreamOffset, fin: boolean, length: Bytes): number {
  out[at] = DATA_TYPE;
  out[at + DATA.flags] = fin ? FIN : 0;
  writeUint64(out, at + DATA.offset, offset);
  writeUint16(out, at + DATA.length, length);
  return at + DATA_HEADER;
}

/** The type at `at` is known to be `DATA_TYPE`; nothing from `end` on is read. */
export function decodeData(datagram: Uint8Array, at: number, end: number): Data | Malformed {
  if (end - at < DATA_HEADER) return malformed('truncated');
  const flags = datagram[at + DATA.flags] as number;
  const offset = readUint64(datagram, at + DATA.offset);
  const length = readUint16(datagram, at + DATA.length);
  if (flags > FIN || (length === 0 && flags !== FIN)) return malformed('range');
  if (offset > MAX_STREAM_OFFSET - length) return malformed('range');
  if (end - at < dataLength(length)) return malformed('truncated');
  const payload = at + DATA_HEADER;
  return { kind: 'data', fin: flags === FIN, offset, bytes: datagram.subarray(payload, payload + length) };
}
