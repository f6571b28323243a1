import type { AcceptVerdict, InitiatorAgreement } from '../session/key-agreement.ts';
import { KEY_AGREEMENT } from '../wire/terms.ts';
import { blake2b256 } from './blake2b.ts';
import { type Handshake, type KeyPair, NOISE_TAG, PUBLIC_KEY } from './handshake.ts';
import { readIdentityProof } from './identity-proof.ts';
import { sodium } from './native.ts';
import { beginHandshake, drawKeyPair, type NoiseOptions, protectionOf, sessionKeys } from './noise-agreement.ts';

const { sodium_memzero } = sodium;

export interface NoiseInitiatorOptions extends NoiseOptions {
  /** Whether the acceptor with this proven identity, or without any, is the one we want; undefined: anybody is. */
  readonly trusts?: ((identity: Uint8Array | undefined) => boolean) | undefined;
}

const UNAUTHENTIC = { kind: 'unauthentic' } as const;
/** Bytes of the digest with which an ACCEPT's payload begins. */
const DIGEST = 32;

/** The initiator of one Noise handshake: NN, or NNpsk0 with a shared key. */
export class NoiseInitiator implements InitiatorAgreement {
  readonly protection: 'noise' | 'noise-psk';
  readonly #options: NoiseInitiatorOptions;
  #attempt: { readonly hello: Uint8Array; readonly ephemeral: KeyPair; readonly keyAgreement: Uint8Array } | undefined;

  constructor(options: NoiseInitiatorOptions = {}) {
    this.protection = protectionOf(options);
    this.#options = options;
  }

  greet(hello: Uint8Array): Uint8Array {
    // An ephemeral key is for one HELLO: with a shared key, the same nonce would seal another one too.
    if (this.#attempt === undefined || Buffer.compare(this.#attempt.hello, hello) !== 0) {
      this.#forget();
      const ephemeral = drawKeyPair(this.#options);
      const { handshake, keyAgreement } = this.#say(hello, ephemeral);
      handshake.abandon();
      this.#attempt = { hello: new Uint8Array(hello), ephemeral, keyAgreement };
    }
    return this.#attempt.keyAgreement;
  }

  judge(accept: Uint8Array, keyAgreement: Uint8Array): AcceptVerdict {
    if (this.#attempt === undefined) return UNAUTHENTIC;
    const { hello, ephemeral } = this.#attempt;
    // A message that is not authentic spoils the handshake that read it, so every ACCEPT gets its own.
    const { handshake } = this.#say(hello, ephemeral);
    const payload = handshake.read(keyAgreement);
    if (payload === undefined) return UNAUTHENTIC;
    if (Buffer.compare(payload.subarray(0, DIGEST), blake2b256(accept)) !== 0) return UNAUTHENTIC;
    const publicKeys = { initiator: ephemeral.publicKey, acceptor: keyAgreement.subarray(0, PUBLIC_KEY) };
    const proof = readIdentityProof(payload.subarray(DIGEST), hello, publicKeys);
    if (proof === 'false') return UNAUTHENTIC;
    const identity = proof === 'none' ? undefined : proof;
    if (this.#options.trusts?.(identity) === false) return { kind: 'untrusted', identity };
    this.#forget();
    return { kind: 'agreed', ...sessionKeys(this.#options, handshake), identity };
  }

  /** A handshake with our message behind it. */
  #say(hello: Uint8Array, ephemeral: KeyPair): { handshake: Handshake; keyAgreement: Uint8Array } {
    const handshake = beginHandshake(this.#options, true, hello);
    const tag = this.protection === 'noise-psk' ? NOISE_TAG : 0; // NN has no key yet
    const payload = new Uint8Array(KEY_AGREEMENT - PUBLIC_KEY - tag);
    return { handshake, keyAgreement: handshake.write(ephemeral, payload) as Uint8Array };
  }

  #forget(): void {
    if (this.#attempt !== undefined) sodium_memzero(this.#attempt.ephemeral.secretKey);
    this.#attempt = undefined;
  }
}
