import { copyBytes, isAllZero } from './bytes.ts';
import { CHECKSUM, checksumHolds, writeChecksum } from './checksum.ts';
import { type ConnectionId, readId, writeId } from './connection-id.ts';
import { COOKIE } from './hello.ts';
import { VERSION } from './limits.ts';
import { type Malformed, malformed } from './malformed.ts';

export const COOKIE_TYPE = 0x02;
/** Bytes of a COOKIE packet, CRC included. */
const COOKIE_LENGTH = 38;

const LAYOUT = { type: 0, version: 1, initiatorId: 2, cookie: 10 } as const;

/** Acceptor to initiator: say HELLO again with this, to prove that your address is yours. */
export interface Cookie {
  readonly kind: 'cookie';
  readonly initiatorId: ConnectionId;
  /** 24 bytes, opaque to the initiator, never all zero. */
  readonly cookie: Uint8Array;
}

/** Writes a COOKIE at 0, CRC included; returns its length. */
export function encodeCookie(out: Uint8Array, cookie: Omit<Cookie, 'kind'>): number {
  out[LAYOUT.type] = COOKIE_TYPE;
  out[LAYOUT.version] = VERSION;
  writeId(out, LAYOUT.initiatorId, cookie.initiatorId);
  out.set(cookie.cookie, LAYOUT.cookie);
  return writeChecksum(out, COOKIE_LENGTH - CHECKSUM);
}

/** The first byte is known to be `COOKIE_TYPE`. The cookie is a copy. */
export function decodeCookie(datagram: Uint8Array): Cookie | Malformed {
  if (datagram.length < COOKIE_LENGTH) return malformed('truncated');
  if (datagram.length > COOKIE_LENGTH) return malformed('length');
  if (!checksumHolds(datagram)) return malformed('checksum');
  if (datagram[LAYOUT.version] !== VERSION) return malformed('version');
  const end = LAYOUT.cookie + COOKIE;
  if (isAllZero(datagram, LAYOUT.cookie, end)) return malformed('range');
  const cookie = copyBytes(datagram, LAYOUT.cookie, end);
  return { kind: 'cookie', initiatorId: readId(datagram, LAYOUT.initiatorId), cookie };
}
