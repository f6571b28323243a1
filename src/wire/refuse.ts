import { readUint16, writeUint16 } from './bytes.ts';
import { CHECKSUM, checksumHolds, writeChecksum } from './checksum.ts';
import { type ConnectionId, readId, writeId } from './connection-id.ts';
import { VERSION } from './limits.ts';
import { type Malformed, malformed } from './malformed.ts';

export const REFUSE_TYPE = 0x05;
/** Bytes of a REFUSE, CRC included. */
const REFUSE_LENGTH = 16;

const LAYOUT = { type: 0, version: 1, initiatorId: 2, reason: 10 } as const;

/** Acceptor to initiator: no. A hint: anyone could have sent it. */
export interface Refuse {
  readonly kind: 'refuse';
  readonly initiatorId: ConnectionId;
  /** A close code, 0..65535; unknown ones are kept. */
  readonly reason: number;
}

/** Writes a REFUSE at 0, CRC included; returns its length. */
export function encodeRefuse(out: Uint8Array, refuse: Omit<Refuse, 'kind'>): number {
  out[LAYOUT.type] = REFUSE_TYPE;
  out[LAYOUT.version] = VERSION;
  writeId(out, LAYOUT.initiatorId, refuse.initiatorId);
  writeUint16(out, LAYOUT.reason, refuse.reason);
  return writeChecksum(out, REFUSE_LENGTH - CHECKSUM);
}

/** The first byte is known to be `REFUSE_TYPE`. */
export function decodeRefuse(datagram: Uint8Array): Refuse | Malformed {
  if (datagram.length < REFUSE_LENGTH) return malformed('truncated');
  if (datagram.length > REFUSE_LENGTH) return malformed('length');
  if (!checksumHolds(datagram)) return malformed('checksum');
  if (datagram[LAYOUT.version] !== VERSION) return malformed('version');
  return {
    kind: 'refuse',
    initiatorId: readId(datagram, LAYOUT.initiatorId),
    reason: readUint16(datagram, LAYOUT.reason),
  };
}
