import type { Millis, PacketNumber, StreamOffset } from '../base/units.ts';
import { readUint32, readUint48, readUint64, writeUint32, writeUint48, writeUint64 } from './bytes.ts';
import { MAX_STREAM_OFFSET } from './limits.ts';
import { type Malformed, malformed } from './malformed.ts';

export const ACK_TYPE = 0x02;
/** The most ranges a receiver of an ACK takes. */
const MAX_ACK_RANGES = 64;

const ACK = { largest: 1, ackDelay: 7, cumulative: 11, count: 19, ranges: 20 } as const;
const RANGE = 8;
const UINT32_MAX = 2 ** 32 - 1;

/** Packet numbers from `start` to `end`, end excluded. */
export interface PacketRange {
  readonly start: PacketNumber;
  readonly end: PacketNumber;
}

/** Names packets that were accepted. */
export interface Ack {
  readonly kind: 'ack';
  readonly largest: PacketNumber;
  /** From receiving `largest` to sending this; microseconds on the wire, at most 4,294,967,295 of them. */
  readonly ackDelay: Millis;
  /** The next stream offset expected: every byte below was received. */
  readonly cumulative: StreamOffset;
  /** 1..64, newest first, neither touching nor overlapping; the first ends at `largest`. */
  readonly ranges: readonly PacketRange[];
}

/** Bytes of an ACK with so many ranges. */
export function ackLength(ranges: number): number {
  return ACK.ranges + ranges * RANGE;
}

/**
 * Writes an ACK at `at`; returns the next offset. A range too long for its 32 bits is cut at its old end, and a gap too
 * long for them ends the list: ACKs before this one have named what is older.
 */
export function encodeAck(out: Uint8Array, at: number, ack: Omit<Ack, 'kind'>): number {
  out[at] = ACK_TYPE;
  writeUint48(out, at + ACK.largest, ack.largest);
  writeUint32(out, at + ACK.ackDelay, Math.min(Math.max(Math.round(ack.ackDelay * 1000), 0), UINT32_MAX));
  writeUint64(out, at + ACK.cumulative, ack.cumulative);
  let next = at + ACK.ranges;
  let below = ack.largest + 1;
  let count = 0;
  for (const { start, end } of ack.ranges) {
    const gap = below - end;
    if (gap > UINT32_MAX || count === MAX_ACK_RANGES) break;
    const length = Math.min(end - start, UINT32_MAX);
    writeUint32(out, next, gap);
    writeUint32(out, next + 4, length);
    next += RANGE;
    count += 1;
    below = end - length;
  }
  out[at + ACK.count] = count;
  return next;
}

/** The type at `at` is known to be `ACK_TYPE`; nothing from `end` on is read. */
export function decodeAck(datagram: Uint8Array, at: number, end: number): Ack | Malformed {
  if (end - at < ACK.ranges) return malformed('truncated');
  const count = datagram[at + ACK.count] as number;
  if (count < 1 || count > MAX_ACK_RANGES) return malformed('range');
  if (end - at < ackLength(count)) return malformed('truncated');
  const largest = readUint48(datagram, at + ACK.largest);
  const cumulative = readUint64(datagram, at + ACK.cumulative);
  if (cumulative > MAX_STREAM_OFFSET) return malformed('range');
  const ranges: PacketRange[] = [];
  let below = largest + 1;
  for (let index = 0; index < count; index += 1) {
    const gap = readUint32(datagram, at + ackLength(index));
    const length = readUint32(datagram, at + ackLength(index) + 4);
    const start = below - gap - length;
    // The first range ends at `largest`; between two there is at least one number not received.
    if (index === 0 ? gap !== 0 : gap === 0) return malformed('range');
    if (length === 0 || start < 0) return malformed('range');
    ranges.push({ start, end: below - gap });
    below = start;
  }
  return { kind: 'ack', largest, ackDelay: readUint32(datagram, at + ACK.ackDelay) / 1000, cumulative, ranges };
}
