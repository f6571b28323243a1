/**
 * Why bytes are not a packet or not frames (PROTOCOL.md, section "Bad input").
 * - truncated: shorter than its layout, or a field runs past the end
 * - length: longer than its layout
 * - type: no such packet or frame
 * - version: a handshake packet of a version this side cannot read
 * - checksum: the CRC-32C is wrong
 * - range: a field's value is outside its range
 * - empty: no frame at all
 * - repeated: a second DATA frame in one packet
 */
export type MalformedReason = 'truncated' | 'length' | 'type' | 'version' | 'checksum' | 'range' | 'empty' | 'repeated';

/** What decoding gives instead of throwing. */
export interface Malformed {
  readonly kind: 'malformed';
  readonly reason: MalformedReason;
}

export function malformed(reason: MalformedReason): Malformed {
  return { kind: 'malformed', reason };
}
