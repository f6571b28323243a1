import { CHECKSUM, checksumHolds, writeChecksum } from './checksum.ts';
import { type ConnectionId, readId, writeId } from './connection-id.ts';
import { VERSION } from './limits.ts';
import { type Malformed, malformed } from './malformed.ts';
import { readTerms, type Terms, writeTerms } from './terms.ts';

export const ACCEPT_TYPE = 0x03;
/** Bytes of an ACCEPT, CRC included. */
const ACCEPT_LENGTH = 126;

const ACCEPT = {
  type: 0,
  version: 1,
  reserved: 5,
  initiatorId: 6,
  acceptorId: 14,
  limits: 22,
  keyAgreement: 42,
} as const;

/** Acceptor to initiator: the terms that hold from now on. */
export interface Accept extends Terms {
  readonly kind: 'accept';
  readonly initiatorId: ConnectionId;
  readonly acceptorId: ConnectionId;
}

/** Writes an ACCEPT at 0, CRC included; returns its length. */
export function encodeAccept(out: Uint8Array, accept: Omit<Accept, 'kind'>): number {
  out[ACCEPT.type] = ACCEPT_TYPE;
  out[ACCEPT.version] = VERSION;
  out[ACCEPT.reserved] = 0;
  writeId(out, ACCEPT.initiatorId, accept.initiatorId);
  writeId(out, ACCEPT.acceptorId, accept.acceptorId);
  writeTerms(out, ACCEPT.limits, ACCEPT.keyAgreement, accept);
  return writeChecksum(out, ACCEPT_LENGTH - CHECKSUM);
}

/** The first byte is known to be `ACCEPT_TYPE`. The key agreement is a copy. */
export function decodeAccept(datagram: Uint8Array): Accept | Malformed {
  if (datagram.length < ACCEPT_LENGTH) return malformed('truncated');
  if (datagram.length > ACCEPT_LENGTH) return malformed('length');
  if (!checksumHolds(datagram)) return malformed('checksum');
  if (datagram[ACCEPT.version] !== VERSION) return malformed('version');
  const terms = readTerms(datagram, ACCEPT.limits, ACCEPT.keyAgreement);
  if (terms === undefined) return malformed('range');
  const initiatorId = readId(datagram, ACCEPT.initiatorId);
  return { kind: 'accept', initiatorId, acceptorId: readId(datagram, ACCEPT.acceptorId), ...terms };
}
