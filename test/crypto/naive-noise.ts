import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  sign,
} from 'node:crypto';
import { naiveBlake2b } from './naive-blake2b.ts';

/**
 * The key agreement and the packets of protections 1 and 2 as PROTOCOL.md says them, step by step, with node:crypto
 * and without any of the code under test.
 */

const hash = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('blake2b512').update(Buffer.concat(parts)).digest();

const hmac = (key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer =>
  createHmac('blake2b512', key).update(Buffer.concat(parts)).digest();

/** Noise section 4.3, HKDF. */
function hkdf(chainingKey: Uint8Array, input: Uint8Array): [Buffer, Buffer, Buffer] {
  const temporary = hmac(chainingKey, input);
  const one = hmac(temporary, Uint8Array.of(1));
  const two = hmac(temporary, one, Uint8Array.of(2));
  return [one, two, hmac(temporary, two, Uint8Array.of(3))];
}

// The fixed beginnings of RFC 8410's encodings of keys.
const PKCS8 = { x25519: '302e020100300506032b656e04220420', ed25519: '302e020100300506032b657004220420' } as const;
const SPKI = { x25519: '302a300506032b656e032100', ed25519: '302a300506032b6570032100' } as const;

const privateKey = (kind: keyof typeof PKCS8, bytes: Uint8Array) =>
  createPrivateKey({ key: Buffer.concat([Buffer.from(PKCS8[kind], 'hex'), bytes]), format: 'der', type: 'pkcs8' });

export function naivePublicKey(kind: keyof typeof PKCS8, secret: Uint8Array): Buffer {
  const encoded = createPublicKey(privateKey(kind, secret)).export({ format: 'der', type: 'spki' });
  return encoded.subarray(-32);
}

function dh(secret: Uint8Array, publicKey: Uint8Array): Buffer {
  const key = Buffer.concat([Buffer.from(SPKI.x25519, 'hex'), publicKey]);
  return diffieHellman({
    privateKey: privateKey('x25519', secret),
    publicKey: createPublicKey({ key, format: 'der', type: 'spki' }),
  });
}

const AEAD = 'chacha20-poly1305';

function aead(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv(AEAD, key, nonce, { authTagLength: 16 });
  cipher.setAAD(ad, { plaintextLength: plaintext.length });
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** What both ends bring to a handshake. */
export interface NaiveInput {
  readonly hello: Uint8Array;
  readonly accept: Uint8Array;
  readonly key: Uint8Array | undefined;
  readonly initiatorSecret: Uint8Array;
  readonly acceptorSecret: Uint8Array;
  /** The seed of an Ed25519 key; undefined: the acceptor shows no identity. */
  readonly identitySeed: Uint8Array | undefined;
}

/** Both messages, what they agree on, and each direction's first secret. */
export function naiveHandshake({ hello, accept, key, initiatorSecret, acceptorSecret, identitySeed }: NaiveInput) {
  const pattern = key === undefined ? 'NN' : 'NNpsk0';
  let h: Buffer = Buffer.concat([Buffer.from(`Noise_${pattern}_25519_ChaChaPoly_BLAKE2b`), Buffer.alloc(64)]);
  h = h.subarray(0, 64);
  let ck: Buffer = h;
  let k: Buffer | undefined;
  const mixHash = (bytes: Uint8Array): void => {
    h = hash(h, bytes);
  };
  const mixKey = (input: Uint8Array): void => {
    const [one, two] = hkdf(ck, input);
    ck = one;
    k = two.subarray(0, 32);
  };
  /** Each key seals one payload only, and so the nonce is always zero. */
  const encryptAndHash = (payload: Uint8Array): Uint8Array => {
    const sealed = k === undefined ? payload : aead(k, Buffer.alloc(12), h, payload);
    mixHash(sealed);
    return sealed;
  };

  mixHash(hello);
  const initiatorPublic = naivePublicKey('x25519', initiatorSecret);
  const acceptorPublic = naivePublicKey('x25519', acceptorSecret);
  if (key !== undefined) {
    const [one, two, three] = hkdf(ck, key);
    ck = one;
    mixHash(two);
    k = three.subarray(0, 32);
  }
  mixHash(initiatorPublic);
  if (key !== undefined) mixKey(initiatorPublic);
  const first = encryptAndHash(Buffer.alloc(key === undefined ? 48 : 32));

  mixHash(acceptorPublic);
  if (key !== undefined) mixKey(acceptorPublic);
  mixKey(dh(acceptorSecret, initiatorPublic));
  const proof = Buffer.alloc(identitySeed === undefined ? 0 : 96);
  if (identitySeed !== undefined) {
    const identity = naivePublicKey('ed25519', identitySeed);
    const label = Buffer.from('udpcp1 identity');
    const signed = Buffer.concat([label, hello, initiatorPublic, acceptorPublic, identity]);
    proof.set(identity);
    proof.set(sign(null, signed, privateKey('ed25519', identitySeed)), 32);
  }
  const second = encryptAndHash(Buffer.concat([naiveBlake2b(accept, 32), proof]));

  const [toAcceptor, toInitiator] = hkdf(ck, Buffer.alloc(0));
  return {
    helloField: Buffer.concat([initiatorPublic, first]),
    acceptField: Buffer.concat([acceptorPublic, second]),
    channelBinding: h,
    toAcceptor: toAcceptor.subarray(0, 32),
    toInitiator: toInitiator.subarray(0, 32),
  };
}

export const naiveDerive = (secret: Uint8Array, label: string): Uint8Array =>
  naiveBlake2b(Buffer.from(label), 32, secret);

/** Key and nonce of one packet: `updates` is how often its direction has changed its key before. */
export function naivePacketKey(firstSecret: Uint8Array, updates: number, packetNumber: number) {
  let secret = firstSecret;
  for (let count = 0; count < updates; count++) secret = naiveDerive(secret, 'udpcp1 ku');
  const nonce = Buffer.from(naiveDerive(secret, 'udpcp1 iv').subarray(0, 12));
  const number = Buffer.alloc(12);
  number.writeUIntBE(packetNumber, 6, 6);
  for (let at = 0; at < 12; at++) nonce[at] = (nonce[at] as number) ^ (number[at] as number);
  return { key: naiveDerive(secret, 'udpcp1 key'), nonce };
}

/** The datagram of a header, whose phase bit must be right already, and frames. */
export function naiveSeal(keys: ReturnType<typeof naivePacketKey>, header: Uint8Array, frames: Uint8Array): Buffer {
  return Buffer.concat([header, aead(keys.key, keys.nonce, header, frames)]);
}

/** The frames of a datagram. Throws when its tag is wrong. */
export function naiveOpen(keys: ReturnType<typeof naivePacketKey>, datagram: Uint8Array): Buffer {
  const decipher = createDecipheriv(AEAD, keys.key, keys.nonce, { authTagLength: 16 });
  const end = datagram.length - 16;
  decipher.setAAD(datagram.subarray(0, 15), { plaintextLength: end - 15 });
  decipher.setAuthTag(datagram.subarray(end));
  return Buffer.concat([decipher.update(datagram.subarray(15, end)), decipher.final()]);
}
