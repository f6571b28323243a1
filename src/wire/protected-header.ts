import type { Bytes, PacketNumber } from '../base/units.ts';
import { readUint32, readUint48, writeUint48 } from './bytes.ts';
import { CHECKSUM } from './checksum.ts';
import { type ConnectionId, readId, writeId } from './connection-id.ts';
import { MAX_DATAGRAM } from './limits.ts';
import { type Malformed, malformed } from './malformed.ts';

/** Offsets in a protected packet; the frames begin at `frames`. */
export const PROTECTED = { connectionId: 1, packetNumber: 9, frames: 15 } as const;
/** Kept free for the tag under every protection, so that sizes do not depend on which one it is. */
export const TAG_RESERVE = 16;
/** Bytes of a protected packet around its frames. */
export const PROTECTED_OVERHEAD: Bytes = PROTECTED.frames + TAG_RESERVE;

/** The first byte is this with the key phase in bit 0. */
const PROTECTED_TYPE = 0x40;

/** The header alone: its tag is the protection's to check, and nothing is true before that. */
export interface ProtectedPacket {
  readonly kind: 'protected';
  readonly keyPhase: 0 | 1;
  /** The receiver's. */
  readonly connectionId: ConnectionId;
  readonly packetNumber: PacketNumber;
}

/** Whether a datagram is a protected packet with its whole header and room for a frame and the shortest tag. */
export function isProtectedPacket(datagram: Uint8Array): boolean {
  const type = datagram[0];
  return (
    type !== undefined &&
    isProtectedType(type) &&
    datagram.length > PROTECTED.frames + CHECKSUM &&
    datagram.length <= MAX_DATAGRAM
  );
}

/** The low half of a protected packet's connection id. */
export function readIdLow(datagram: Uint8Array): number {
  return readUint32(datagram, PROTECTED.connectionId + 4);
}

/** Whether a protected packet has this connection id. */
export function isFor(datagram: Uint8Array, { hi, lo }: ConnectionId): boolean {
  return readUint32(datagram, PROTECTED.connectionId) === hi && readIdLow(datagram) === lo;
}

/** A protected packet's number. */
export function readPacketNumber(datagram: Uint8Array): PacketNumber {
  return readUint48(datagram, PROTECTED.packetNumber);
}

/** Whether a datagram with this first byte is a protected packet. */
export function isProtectedType(type: number): boolean {
  return (type & 0xfe) === PROTECTED_TYPE;
}

/** Writes the 15 header bytes at 0; returns where the frames begin. */
export function writeProtectedHeader(
  out: Uint8Array,
  keyPhase: 0 | 1,
  connectionId: ConnectionId,
  packetNumber: PacketNumber,
): number {
  out[0] = PROTECTED_TYPE | keyPhase;
  writeId(out, PROTECTED.connectionId, connectionId);
  writeUint48(out, PROTECTED.packetNumber, packetNumber);
  return PROTECTED.frames;
}

/** The first byte is known to pass `isProtectedType`. There is room for a frame and for the shortest tag, or it is truncated. */
export function readProtectedHeader(datagram: Uint8Array): ProtectedPacket | Malformed {
  if (datagram.length < PROTECTED.frames + 1 + CHECKSUM) return malformed('truncated');
  if (datagram.length > MAX_DATAGRAM) return malformed('length');
  return {
    kind: 'protected',
    keyPhase: ((datagram[0] as number) & 1) as 0 | 1,
    connectionId: readId(datagram, PROTECTED.connectionId),
    packetNumber: readPacketNumber(datagram),
  };
}
