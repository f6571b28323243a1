import type { AcceptorAgreement, HelloVerdict } from '../session/key-agreement.ts';
import { KEY_AGREEMENT } from '../wire/terms.ts';
import { blake2b256 } from './blake2b.ts';
import { PUBLIC_KEY } from './handshake.ts';
import type { Identity } from './identity.ts';
import { writeIdentityProof } from './identity-proof.ts';
import { sodium } from './native.ts';
import { beginHandshake, drawKeyPair, type NoiseOptions, protectionOf, sessionKeys } from './noise-agreement.ts';

const { sodium_memzero } = sodium;

export interface NoiseAcceptorOptions extends NoiseOptions {
  /** Proven to every initiator, out of sight of all others; undefined: none is. */
  readonly identity?: Identity | undefined;
}

const UNAUTHENTIC = { kind: 'unauthentic' } as const;
const NO_PROOF = new Uint8Array(0);

/** The acceptor of Noise handshakes: NN, or NNpsk0 with a shared key. */
export class NoiseAcceptor implements AcceptorAgreement {
  readonly protection: 'noise' | 'noise-psk';
  readonly #options: NoiseAcceptorOptions;

  constructor(options: NoiseAcceptorOptions = {}) {
    this.protection = protectionOf(options);
    this.#options = options;
  }

  answer(hello: Uint8Array, keyAgreement: Uint8Array, accept: Uint8Array): HelloVerdict {
    if (keyAgreement.length !== KEY_AGREEMENT) return UNAUTHENTIC;
    const handshake = beginHandshake(this.#options, false, hello);
    // Another shared key shows here, before any work with curves.
    if (handshake.read(keyAgreement) === undefined) return UNAUTHENTIC;
    const ephemeral = drawKeyPair(this.#options);
    const { identity } = this.#options;
    const publicKeys = { initiator: keyAgreement.subarray(0, PUBLIC_KEY), acceptor: ephemeral.publicKey };
    const proof = identity === undefined ? NO_PROOF : writeIdentityProof(identity, hello, publicKeys);
    const message = handshake.write(ephemeral, Buffer.concat([blake2b256(accept), proof]));
    sodium_memzero(ephemeral.secretKey);
    if (message === undefined) return UNAUTHENTIC;
    return { kind: 'agreed', ...sessionKeys(this.#options, handshake), keyAgreement: message };
  }
}
