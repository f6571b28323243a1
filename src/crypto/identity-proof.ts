import type { Identity } from './identity.ts';
import { sodium } from './native.ts';

const { crypto_sign_verify_detached } = sodium;

/** The ephemeral public keys of both ends of a handshake. */
export interface PublicKeys {
  readonly initiator: Uint8Array;
  readonly acceptor: Uint8Array;
}

/** Bytes of the public key with which a proof begins, and of all of it with the signature. */
const PUBLIC_KEY = 32;
const PROOF = 96;

/** 96 bytes that prove an identity to one initiator, given the bound bytes of its HELLO. */
export function writeIdentityProof(identity: Identity, hello: Uint8Array, ephemeral: PublicKeys): Uint8Array {
  const { publicKey } = identity;
  return Buffer.concat([publicKey, identity.sign(statement(publicKey, hello, ephemeral))]);
}

/** The public key that the bytes prove; `none`: there are no bytes; `false`: they prove nothing. Never throws. */
export function readIdentityProof(
  proof: Uint8Array,
  hello: Uint8Array,
  ephemeral: PublicKeys,
): Uint8Array | 'none' | 'false' {
  if (proof.length === 0) return 'none';
  if (proof.length !== PROOF) return 'false';
  const publicKey = new Uint8Array(proof.subarray(0, PUBLIC_KEY));
  const signed = statement(publicKey, hello, ephemeral);
  return crypto_sign_verify_detached(proof.subarray(PUBLIC_KEY), signed, publicKey) ? publicKey : 'false';
}

/** What an acceptor signs: that its identity stands behind this very handshake (PROTOCOL.md, section "Identity"). */
function statement(publicKey: Uint8Array, hello: Uint8Array, { initiator, acceptor }: PublicKeys): Uint8Array {
  return Buffer.concat([Buffer.from('udpcp1 identity'), hello, initiator, acceptor, publicKey]);
}
