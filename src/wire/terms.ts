import type { Bytes, Millis, StreamOffset } from '../base/units.ts';
import {
  copyBytes,
  isAllZero,
  readUint16,
  readUint32,
  readUint64,
  writeUint16,
  writeUint32,
  writeUint64,
} from './bytes.ts';
import {
  MAX_DATAGRAM,
  MAX_IDLE_TIMEOUT,
  MAX_MAX_ACK_DELAY,
  MAX_STREAM_OFFSET,
  MAX_WINDOW,
  MIN_DATAGRAM,
  MIN_IDLE_TIMEOUT,
} from './limits.ts';

/** By their number on the wire. */
const PROTECTIONS = ['plain', 'noise', 'noise-psk'] as const;
export type ProtectionName = (typeof PROTECTIONS)[number];

/** By their number on the wire. */
const ARQS = ['stop-and-wait', 'go-back-n', 'selective-repeat'] as const;
export type ArqName = (typeof ARQS)[number];

/** Bytes of the key agreement in HELLO and ACCEPT: 32 of an ephemeral key, 48 of a Noise payload with its tag. */
export const KEY_AGREEMENT: Bytes = 80;
/** The same in the ACCEPT of an acceptor that proves an identity: 32 more of its public key, 64 of a signature. */
export const PROVEN_KEY_AGREEMENT: Bytes = 176;

/** What HELLO asks for and ACCEPT settles; the same fields in both. */
export interface Terms {
  readonly protection: ProtectionName;
  /** 0 with plain; 1: 25519, ChaCha20-Poly1305, BLAKE2b. */
  readonly suite: number;
  readonly arq: ArqName;
  /** Packets with DATA that may be in flight, 1..1,048,576. */
  readonly window: number;
  /** The largest datagram to send or receive, 1200..65507. */
  readonly maxDatagram: Bytes;
  /** 1 s to 1 day. */
  readonly idleTimeout: Millis;
  /** Stream bytes the receiver of this packet may send before any CREDIT frame. */
  readonly credit: StreamOffset;
  /** The longest its sender delays an ACK, 0..1000 ms. */
  readonly maxAckDelay: Millis;
  /** 80 bytes, all zero with plain; 176 in an ACCEPT that proves an identity. */
  readonly keyAgreement: Uint8Array;
}

/** Bytes 2..4 stand alike in HELLO and ACCEPT; the limits are one block that each puts at its own offset. */
const CHOICES = { protection: 2, suite: 3, arq: 4 } as const;
const LIMITS = { window: 0, maxDatagram: 4, idleTimeout: 6, credit: 10, maxAckDelay: 18 } as const;

/** Writes the choices, the limits from `limits` on and the key agreement from `keyAgreement` on. */
export function writeTerms(out: Uint8Array, limits: number, keyAgreement: number, terms: Terms): void {
  out[CHOICES.protection] = PROTECTIONS.indexOf(terms.protection);
  out[CHOICES.suite] = terms.suite;
  out[CHOICES.arq] = ARQS.indexOf(terms.arq);
  writeUint32(out, limits + LIMITS.window, terms.window);
  writeUint16(out, limits + LIMITS.maxDatagram, terms.maxDatagram);
  writeUint32(out, limits + LIMITS.idleTimeout, terms.idleTimeout);
  writeUint64(out, limits + LIMITS.credit, terms.credit);
  writeUint16(out, limits + LIMITS.maxAckDelay, terms.maxAckDelay);
  out.set(terms.keyAgreement, keyAgreement);
}

/**
 * The inverse of `writeTerms`, for a key agreement of `length` bytes; undefined when a value is outside its range. The
 * bytes must be there.
 */
export function readTerms(
  datagram: Uint8Array,
  limits: number,
  keyAgreement: number,
  length: Bytes,
): Terms | undefined {
  const protection = PROTECTIONS[datagram[CHOICES.protection] as number];
  const arq = ARQS[datagram[CHOICES.arq] as number];
  if (protection === undefined || arq === undefined) return undefined;
  const terms: Terms = {
    protection,
    suite: datagram[CHOICES.suite] as number,
    arq,
    window: readUint32(datagram, limits + LIMITS.window),
    maxDatagram: readUint16(datagram, limits + LIMITS.maxDatagram),
    idleTimeout: readUint32(datagram, limits + LIMITS.idleTimeout),
    credit: readUint64(datagram, limits + LIMITS.credit),
    maxAckDelay: readUint16(datagram, limits + LIMITS.maxAckDelay),
    keyAgreement: copyBytes(datagram, keyAgreement, keyAgreement + length),
  };
  return inRange(terms) ? terms : undefined;
}

function inRange(terms: Terms): boolean {
  const { keyAgreement } = terms;
  const plain = terms.protection === 'plain';
  return (
    terms.suite === (plain ? 0 : 1) &&
    (!plain || (keyAgreement.length === KEY_AGREEMENT && isAllZero(keyAgreement, 0, KEY_AGREEMENT))) &&
    terms.window >= 1 &&
    terms.window <= MAX_WINDOW &&
    terms.maxDatagram >= MIN_DATAGRAM &&
    terms.maxDatagram <= MAX_DATAGRAM &&
    terms.idleTimeout >= MIN_IDLE_TIMEOUT &&
    terms.idleTimeout <= MAX_IDLE_TIMEOUT &&
    terms.credit <= MAX_STREAM_OFFSET &&
    terms.maxAckDelay <= MAX_MAX_ACK_DELAY
  );
}
