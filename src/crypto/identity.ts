import { UdpcpError } from '../errors.ts';
import { errorName } from '../store/failure.ts';
import { formatKey, parseKey } from './key-text.ts';
import { sodium } from './native.ts';
import { createSecretFile, readSecretFile } from './secret-file.ts';

const { crypto_sign_detached, crypto_sign_seed_keypair, randombytes_buf, sodium_memzero } = sodium;

/** An Ed25519 key pair (RFC 8032) by which senders know a receiver again. Printing the object shows no secret. */
export class Identity {
  readonly publicKey: Uint8Array = new Uint8Array(32);
  readonly #secretKey = new Uint8Array(64);

  /** Of a seed of 32 bytes: the secret key of RFC 8032. */
  constructor(seed: Uint8Array) {
    crypto_sign_seed_keypair(this.publicKey, this.#secretKey, seed);
  }

  /** 64 bytes; the same for the same message. */
  sign(message: Uint8Array): Uint8Array {
    const signature = new Uint8Array(64);
    crypto_sign_detached(signature, message, this.#secretKey);
    return signature;
  }
}

/** A public key as text: `udpcp1id_` and 58 characters. */
export function formatIdentity(publicKey: Uint8Array): string {
  return formatKey('identity', publicKey);
}

/** The inverse. Throws UdpcpError ERR_USAGE. */
export function parseIdentity(text: string): Uint8Array {
  return parseKey('identity', text);
}

/** The identity in this file, which is created, readable for its owner alone, if there is none. Rejects with UdpcpError ERR_USAGE. */
export async function loadIdentity(path: string): Promise<Identity> {
  try {
    return await readIdentity(path);
  } catch (error) {
    const isMissing = error instanceof UdpcpError && errorName(error.cause) === 'ENOENT';
    if (!isMissing) throw error;
  }
  await createIdentity(path); // or somebody else just has: whoever came first counts
  return readIdentity(path);
}

function readIdentity(path: string): Promise<Identity> {
  return readSecretFile(path, (line) => new Identity(parseKey('secret', line)));
}

async function createIdentity(path: string): Promise<void> {
  const seed = new Uint8Array(32);
  randombytes_buf(seed);
  const { publicKey } = new Identity(seed);
  const remark = `# Keep this secret: who has it can pose as this receiver. Senders know it as ${formatIdentity(publicKey)}`;
  await createSecretFile(path, `${remark}\n${formatKey('secret', seed)}\n`);
  sodium_memzero(seed);
}
