import { CHECKSUM, checksumHolds, writeChecksum } from './checksum.ts';
import { type ConnectionId, readId, writeId } from './connection-id.ts';
import { VERSION } from './limits.ts';
import { type Malformed, malformed } from './malformed.ts';
import { KEY_AGREEMENT, PROVEN_KEY_AGREEMENT, readTerms, type Terms, writeTerms } from './terms.ts';

export const ACCEPT_TYPE = 0x03;
const ACCEPT = {
  type: 0,
  version: 1,
  reserved: 5,
  initiatorId: 6,
  acceptorId: 14,
  limits: 22,
  keyAgreement: 42,
} as const;

/** Bytes of an ACCEPT around its key agreement. */
const AROUND = ACCEPT.keyAgreement + CHECKSUM;

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
  return writeChecksum(out, ACCEPT.keyAgreement + accept.keyAgreement.length);
}

/** The first byte is known to be `ACCEPT_TYPE`. The key agreement is a copy. */
export function decodeAccept(datagram: Uint8Array): Accept | Malformed {
  const length = datagram.length - AROUND;
  if (length < KEY_AGREEMENT) return malformed('truncated');
  if (length !== KEY_AGREEMENT && length !== PROVEN_KEY_AGREEMENT) return malformed('length');
  if (!checksumHolds(datagram)) return malformed('checksum');
  if (datagram[ACCEPT.version] !== VERSION) return malformed('version');
  const terms = readTerms(datagram, ACCEPT.limits, ACCEPT.keyAgreement, length);
  if (terms === undefined) return malformed('range');
  const initiatorId = readId(datagram, ACCEPT.initiatorId);
  return { kind: 'accept', initiatorId, acceptorId: readId(datagram, ACCEPT.acceptorId), ...terms };
}
