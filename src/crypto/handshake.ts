import type { Bytes } from '../base/units.ts';
import { NoiseState, sodium } from './native.ts';

const { crypto_kx_keypair, sodium_memzero } = sodium;

/** An X25519 key pair (RFC 7748), 32 bytes each. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** What both ends have when both messages have gone through. */
export interface HandshakeSecrets {
  /** 32 bytes: of what this end sends. */
  readonly sending: Uint8Array;
  readonly receiving: Uint8Array;
  /** 64 bytes that name this handshake, and are no secret. */
  readonly hash: Uint8Array;
}

/** Bytes of a public key, which begins each message. */
export const PUBLIC_KEY: Bytes = 32;
/** Bytes that sealing adds to a payload. */
export const NOISE_TAG: Bytes = 16;

/** The patterns have no static keys; without these the state machine would make some. */
const NO_KEYS: KeyPair = { publicKey: new Uint8Array(0), secretKey: new Uint8Array(0) };

export function createKeyPair(): KeyPair {
  const pair = { publicKey: new Uint8Array(32), secretKey: new Uint8Array(32) };
  crypto_kx_keypair(pair.publicKey, pair.secretKey);
  return pair;
}

/**
 * One end of Noise_NN_25519_ChaChaPoly_BLAKE2b, or of NNpsk0 with a key (Noise, revision 34): the initiator writes and
 * reads, the acceptor reads and writes. Whatever the peer's message is, nothing throws; after `undefined` it is of no
 * more use.
 */
export class Handshake {
  readonly #noise: NoiseState;

  constructor(isInitiator: boolean, prologue: Uint8Array, key: Uint8Array | undefined) {
    this.#noise =
      key === undefined
        ? new NoiseState('NN', isInitiator, NO_KEYS)
        : new NoiseState('NNpsk0', isInitiator, NO_KEYS, { psk: key });
    this.#noise.initialise(prologue);
  }

  /** Our message, made with a copy of these keys; undefined: the peer's public key has a low order. */
  write({ publicKey, secretKey }: KeyPair, payload: Uint8Array): Uint8Array | undefined {
    // Copies, because the state machine zeroes them at its end.
    this.#noise.e = { publicKey: Buffer.from(publicKey), secretKey: Buffer.from(secretKey) };
    return this.#attempt(() => this.#noise.send(payload));
  }

  /** The payload of the peer's message; undefined: it is too short, not authentic, or its public key has a low order. */
  read(message: Uint8Array): Uint8Array | undefined {
    return this.#attempt(() => this.#noise.recv(Buffer.from(message)));
  }

  /** After both messages. Whoever takes the two keys zeroes them. */
  get secrets(): HandshakeSecrets {
    const { tx, rx, hash } = this.#noise;
    return { sending: tx, receiving: rx, hash };
  }

  /** Zeroes its copy of the ephemeral key. */
  abandon(): void {
    if (this.#noise.e !== null) sodium_memzero(this.#noise.e.secretKey);
  }

  #attempt(step: () => Uint8Array): Uint8Array | undefined {
    try {
      return new Uint8Array(step());
    } catch {
      this.abandon();
      return undefined;
    }
  }
}
