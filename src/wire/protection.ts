import type { Bytes, PacketNumber } from '../base/units.ts';
import type { ProtectionName } from './terms.ts';

/** What proves that a protected packet is the peer's, undamaged (PROTOCOL.md, section "Protection"). */
export interface PacketProtection {
  readonly name: ProtectionName;
  readonly tagLength: Bytes;
  /** Protects bytes 0..end in place and appends the tag at `end`; returns the length with it. */
  seal(datagram: Uint8Array, packetNumber: PacketNumber, end: number): number;
  /** Opens the datagram in place; returns the end of its frame area, or undefined when the tag is wrong. Never throws. */
  open(datagram: Uint8Array, packetNumber: PacketNumber): number | undefined;
}
