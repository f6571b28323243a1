import { CHECKSUM, checksumHolds, writeChecksum } from './checksum.ts';
import { PROTECTED } from './protected-header.ts';
import type { PacketProtection } from './protection.ts';

/** A CRC-32C over the whole packet: finds damage, and stops nobody who can write packets. */
export const plainProtection: PacketProtection = {
  name: 'plain',
  tagLength: CHECKSUM,
  seal: (datagram, _packetNumber, end) => writeChecksum(datagram, end),
  open(datagram) {
    const end = datagram.length - CHECKSUM;
    return end >= PROTECTED.frames && checksumHolds(datagram) ? end : undefined;
  },
};
