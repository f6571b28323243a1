import type { Bytes, PacketNumber } from '../base/units.ts';
import type { PacketProtection } from '../wire/protection.ts';
import type { ProtectionName } from '../wire/terms.ts';

/** Bytes from the start of a HELLO that its key agreement binds: all before the cookie. */
export const HELLO_BOUND: Bytes = 34;
/** Bytes from the start of an ACCEPT that its key agreement binds: all before it. */
export const ACCEPT_BOUND: Bytes = 42;

/** A packet protection whose keys may wear out; one that has none of these members has no such keys. */
export interface SessionProtection extends PacketProtection {
  /** An authentic ACK has named a packet of ours: only then may keys change once more. */
  onAcknowledged?(packetNumber: PacketNumber): void;
  /** So many packets were forged that the session must close. From then on nothing opens. */
  readonly isExhausted?: boolean;
}

/** What a session has from its handshake. */
export interface SessionKeys {
  readonly protection: SessionProtection;
  /** 64 bytes that both ends have alike unless somebody is in between; no secret. Undefined with plain. */
  readonly channelBinding: Uint8Array | undefined;
  /** The peer's public key, 32 bytes, proven; undefined: it showed none. Acceptors alone have one. */
  readonly identity?: Uint8Array | undefined;
}

/** What an ACCEPT is worth. */
export type AcceptVerdict =
  | (SessionKeys & { readonly kind: 'agreed' })
  /** Not the answer to our HELLO: to drop, as if it had not come. The genuine one may still come. */
  | { readonly kind: 'unauthentic' }
  /** It answers our HELLO, and whoever sent it is not the acceptor that we want: a hint, for it may be an intruder's. */
  | { readonly kind: 'untrusted'; readonly identity: Uint8Array | undefined };

/** The initiator's part in one attempt to agree on keys. It never throws, whatever the ACCEPT is. */
export interface InitiatorAgreement {
  /** The only protection it asks for. */
  readonly protection: ProtectionName;
  /** The 80 bytes of key agreement for a HELLO that begins with these `HELLO_BOUND` bytes; the same again for the same. */
  greet(hello: Uint8Array): Uint8Array;
  /** Judges an ACCEPT: its first `ACCEPT_BOUND` bytes and its key agreement. At most one is ever agreed to. */
  judge(accept: Uint8Array, keyAgreement: Uint8Array): AcceptVerdict;
}

/** What an acceptor says to a HELLO. */
export type HelloVerdict =
  /** `keyAgreement` is what the ACCEPT carries: 80 bytes, or 176 with the acceptor's identity. */
  | (SessionKeys & { readonly kind: 'agreed'; readonly keyAgreement: Uint8Array })
  /** The initiator does not have our key, or its key agreement is nonsense. */
  | { readonly kind: 'unauthentic' };

/** The acceptor's part, for any number of sessions. It never throws, whatever the HELLO is. */
export interface AcceptorAgreement {
  /** The only protection it speaks: every other HELLO is to be refused with PROTECTION_REQUIRED. */
  readonly protection: ProtectionName;
  /**
   * Answers a HELLO, given its first `HELLO_BOUND` bytes and its key agreement, with the ACCEPT that begins with these
   * `ACCEPT_BOUND` bytes.
   */
  answer(hello: Uint8Array, keyAgreement: Uint8Array, accept: Uint8Array): HelloVerdict;
}
