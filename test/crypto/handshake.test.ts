import { createCipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createKeyPair, Handshake } from '../../src/crypto/handshake.ts';
import { fromHex, toHex } from '../wire/vector-file.ts';
import { naivePublicKey } from './naive-noise.ts';

/** As the vectors of Noise implementations are written. */
interface NoiseVector {
  readonly protocol_name: string;
  readonly init_prologue: string;
  readonly init_psks?: readonly string[];
  readonly init_ephemeral: string;
  readonly resp_ephemeral: string;
  readonly handshake_hash: string;
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[];
}

const { vectors } = JSON.parse(readFileSync(new URL('../../fixtures/noise-vectors.json', import.meta.url), 'utf8')) as {
  readonly vectors: readonly NoiseVector[];
};

const keyPair = (secret: string) => {
  const secretKey = fromHex(secret);
  return { secretKey, publicKey: new Uint8Array(naivePublicKey('x25519', secretKey)) };
};

/** A transport message of Noise section 5.1: the counter is the nonce, in little-endian. */
function transport(key: Uint8Array, counter: number, payload: Uint8Array): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32LE(counter, 4);
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 });
  return Buffer.concat([cipher.update(payload), cipher.final(), cipher.getAuthTag()]);
}

test('both patterns have a vector', () => {
  expect(vectors.map((vector) => vector.protocol_name)).toEqual([
    'Noise_NN_25519_ChaChaPoly_BLAKE2b',
    'Noise_NNpsk0_25519_ChaChaPoly_BLAKE2b',
  ]);
});

describe.each(vectors)('$protocol_name', (vector) => {
  const psk = vector.init_psks?.[0];
  const key = psk === undefined ? undefined : fromHex(psk);
  const prologue = fromHex(vector.init_prologue);
  const [first, second, ...later] = vector.messages.map(({ payload, ciphertext }) => ({
    payload: fromHex(payload),
    ciphertext: fromHex(ciphertext),
  }));
  const ends = () => ({ initiator: new Handshake(true, prologue, key), acceptor: new Handshake(false, prologue, key) });

  test('agrees with the official vector, message by message', () => {
    const { initiator, acceptor } = ends();
    const one = initiator.write(keyPair(vector.init_ephemeral), first?.payload ?? prologue);
    expect(one).toEqual(first?.ciphertext);
    expect(acceptor.read(one as Uint8Array)).toEqual(first?.payload);
    const two = acceptor.write(keyPair(vector.resp_ephemeral), second?.payload ?? prologue);
    expect(two).toEqual(second?.ciphertext);
    expect(initiator.read(two as Uint8Array)).toEqual(second?.payload);
    expect(toHex(initiator.secrets.hash)).toBe(vector.handshake_hash);
    expect(toHex(acceptor.secrets.hash)).toBe(vector.handshake_hash);
    expect(acceptor.secrets.receiving).toEqual(initiator.secrets.sending);
    expect(acceptor.secrets.sending).toEqual(initiator.secrets.receiving);
    later.forEach(({ payload, ciphertext }, index) => {
      const { sending } = (index % 2 === 0 ? initiator : acceptor).secrets;
      expect(toHex(transport(sending, Math.floor(index / 2), payload))).toBe(toHex(ciphertext));
    });
    expect(later.length).toBe(4);
  });

  test('a message cut short anywhere is read as nothing', () => {
    const { ciphertext: one = prologue } = first ?? {};
    const { ciphertext: two = prologue } = second ?? {};
    for (let length = 0; length < one.length; length++) {
      const { acceptor } = ends();
      // Without a key the first payload is in the clear: it may have any length.
      const isReadable = key === undefined && length >= 32;
      expect(acceptor.read(one.subarray(0, length)) !== undefined).toBe(isReadable);
    }
    for (let length = 0; length < two.length; length++) {
      const { initiator } = ends();
      initiator.write(keyPair(vector.init_ephemeral), first?.payload ?? prologue);
      expect(initiator.read(two.subarray(0, length))).toBeUndefined();
    }
  });

  test('neither reading nor writing changes what it was given', () => {
    const { initiator, acceptor } = ends();
    const pair = keyPair(vector.resp_ephemeral);
    initiator.write(keyPair(vector.init_ephemeral), first?.payload ?? prologue);
    const message = Uint8Array.from(first?.ciphertext ?? prologue);
    acceptor.read(message);
    acceptor.write(pair, second?.payload ?? prologue);
    expect(message).toEqual(first?.ciphertext);
    expect(pair).toEqual(keyPair(vector.resp_ephemeral));
  });
});

test('createKeyPair() gives pairs of X25519, each another', () => {
  const pairs = Array.from({ length: 20 }, createKeyPair);
  for (const { publicKey, secretKey } of pairs) {
    expect(toHex(publicKey)).toBe(toHex(naivePublicKey('x25519', secretKey)));
  }
  expect(new Set(pairs.map(({ secretKey }) => toHex(secretKey))).size).toBe(20);
});
