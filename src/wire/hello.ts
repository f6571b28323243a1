import { copyBytes, isAllZero } from './bytes.ts';
import { CHECKSUM, checksumHolds, writeChecksum } from './checksum.ts';
import { type ConnectionId, readId, writeId } from './connection-id.ts';
import { MAX_DATAGRAM, MIN_DATAGRAM, VERSION } from './limits.ts';
import { type Malformed, malformed } from './malformed.ts';
import { KEY_AGREEMENT, readTerms, type Terms, writeTerms } from './terms.ts';

export const HELLO_TYPE = 0x01;
/** Bytes of a cookie. */
export const COOKIE = 24;

const HELLO = { type: 0, version: 1, initiatorId: 6, limits: 14, cookie: 34, keyAgreement: 58 } as const;

/** Initiator to acceptor: may we talk, and how. */
export interface Hello extends Terms {
  readonly kind: 'hello';
  readonly initiatorId: ConnectionId;
  /** 24 bytes as the acceptor gave them; undefined: none yet. */
  readonly cookie: Uint8Array | undefined;
}

/** A HELLO of a version this side does not speak: all that may be read of it is what every version shares. */
export interface UnknownVersion {
  readonly kind: 'unknown-version';
  /** 2..255. */
  readonly version: number;
  readonly initiatorId: ConnectionId;
  /** Of the datagram: the answer must be shorter. */
  readonly length: number;
}

/** Writes a HELLO of 1200 bytes at 0, padding and CRC included; returns its length. */
export function encodeHello(out: Uint8Array, hello: Omit<Hello, 'kind'>): number {
  out.fill(0, 0, MIN_DATAGRAM);
  out[HELLO.type] = HELLO_TYPE;
  out[HELLO.version] = VERSION;
  writeId(out, HELLO.initiatorId, hello.initiatorId);
  writeTerms(out, HELLO.limits, HELLO.keyAgreement, hello);
  if (hello.cookie !== undefined) out.set(hello.cookie, HELLO.cookie);
  return writeChecksum(out, MIN_DATAGRAM - CHECKSUM);
}

/** The id and the cookie of what may be a HELLO, before its checksum is looked at; undefined: it has no cookie. */
export function peekCookie(datagram: Uint8Array): (Pick<Hello, 'initiatorId'> & { cookie: Uint8Array }) | undefined {
  const end = HELLO.cookie + COOKIE;
  if (datagram.length < MIN_DATAGRAM || isAllZero(datagram, HELLO.cookie, end)) return undefined;
  return { initiatorId: readId(datagram, HELLO.initiatorId), cookie: datagram.subarray(HELLO.cookie, end) };
}

/** The first byte is known to be `HELLO_TYPE`. Cookie and key agreement are copies. */
export function decodeHello(datagram: Uint8Array): Hello | UnknownVersion | Malformed {
  if (datagram.length < MIN_DATAGRAM) return malformed('truncated');
  if (datagram.length > MAX_DATAGRAM) return malformed('length');
  if (!checksumHolds(datagram)) return malformed('checksum');
  const version = datagram[HELLO.version] as number;
  if (version === 0) return malformed('version');
  const initiatorId = readId(datagram, HELLO.initiatorId);
  if (version !== VERSION) return { kind: 'unknown-version', version, initiatorId, length: datagram.length };
  const terms = readTerms(datagram, HELLO.limits, HELLO.keyAgreement, KEY_AGREEMENT);
  if (terms === undefined) return malformed('range');
  const end = HELLO.cookie + COOKIE;
  const cookie = isAllZero(datagram, HELLO.cookie, end) ? undefined : copyBytes(datagram, HELLO.cookie, end);
  return { kind: 'hello', initiatorId, ...terms, cookie };
}
