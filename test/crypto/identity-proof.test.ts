import { describe, expect, test } from 'vitest';
import { blake2b256 } from '../../src/crypto/blake2b.ts';
import { createKeyPair, Handshake } from '../../src/crypto/handshake.ts';
import { Identity } from '../../src/crypto/identity.ts';
import { readIdentityProof, writeIdentityProof } from '../../src/crypto/identity-proof.ts';
import { NoiseAcceptor } from '../../src/crypto/noise-acceptor.ts';
import { NoiseInitiator } from '../../src/crypto/noise-initiator.ts';
import { toHex } from '../wire/vector-file.ts';
import { ACCEPT, flipped, HELLO, KEY, shakeHands } from './shake-hands.ts';

const IDENTITY = new Identity(new Uint8Array(32).fill(1));
const OTHER = new Identity(new Uint8Array(32).fill(2));
const EPHEMERAL = { initiator: new Uint8Array(32).fill(3), acceptor: new Uint8Array(32).fill(4) };

describe('a proof', () => {
  const proof = writeIdentityProof(IDENTITY, HELLO, EPHEMERAL);

  test('is 96 bytes and proves its public key', () => {
    expect(proof).toHaveLength(96);
    expect(readIdentityProof(proof, HELLO, EPHEMERAL)).toEqual(IDENTITY.publicKey);
  });

  test('no bytes are no proof; any other length proves nothing', () => {
    expect(readIdentityProof(new Uint8Array(0), HELLO, EPHEMERAL)).toBe('none');
    for (let length = 1; length < 200; length++) {
      if (length !== 96) expect(readIdentityProof(new Uint8Array(length).fill(1), HELLO, EPHEMERAL)).toBe('false');
    }
  });

  test('proves nothing with any bit flipped, in it or in what it is about', () => {
    for (let bit = 0; bit < 8 * proof.length; bit++) {
      expect(readIdentityProof(flipped(proof, bit), HELLO, EPHEMERAL)).toBe('false');
    }
    for (let bit = 0; bit < 8 * HELLO.length; bit++) {
      expect(readIdentityProof(proof, flipped(HELLO, bit), EPHEMERAL)).toBe('false');
    }
    for (let bit = 0; bit < 256; bit++) {
      const { initiator, acceptor } = EPHEMERAL;
      expect(readIdentityProof(proof, HELLO, { initiator: flipped(initiator, bit), acceptor })).toBe('false');
      expect(readIdentityProof(proof, HELLO, { initiator, acceptor: flipped(acceptor, bit) })).toBe('false');
    }
  });

  test('of all zeros proves nothing: a key of small order has signatures that fit anything', () => {
    expect(readIdentityProof(new Uint8Array(96), HELLO, EPHEMERAL)).toBe('false');
    const neutral = new Uint8Array(96);
    neutral[0] = 1; // the neutral element as public key and as the signature's point, with a scalar of zero
    neutral[32] = 1;
    expect(readIdentityProof(neutral, HELLO, EPHEMERAL)).toBe('false');
  });
});

describe.each([
  { name: 'noise', key: undefined },
  { name: 'noise-psk', key: KEY },
])('an identity in $name', ({ key }) => {
  const acceptor = new NoiseAcceptor({ key, identity: IDENTITY });

  /** What an acceptor of its own making sends with this proof. */
  function acceptWith(said: Uint8Array, proof: Uint8Array): Uint8Array {
    const handshake = new Handshake(false, HELLO, key?.bytes);
    handshake.read(said);
    return handshake.write(createKeyPair(), Buffer.concat([blake2b256(ACCEPT), proof])) as Uint8Array;
  }

  test('reaches the initiator, and nobody who only listens', () => {
    const { initiator, acceptor: answer } = shakeHands({ key }, { key, identity: IDENTITY });
    expect(initiator.identity).toEqual(IDENTITY.publicKey);
    expect(answer.keyAgreement).toHaveLength(176);
    expect(toHex(answer.keyAgreement)).not.toContain(toHex(IDENTITY.publicKey));
  });

  test('with any bit of it flipped makes the ACCEPT unauthentic', () => {
    const initiator = new NoiseInitiator({ key });
    const answer = acceptor.answer(HELLO, initiator.greet(HELLO), ACCEPT);
    if (answer.kind !== 'agreed') throw new Error(answer.kind);
    for (let bit = 0; bit < 8 * answer.keyAgreement.length; bit++) {
      expect(initiator.judge(ACCEPT, flipped(answer.keyAgreement, bit)).kind).toBe('unauthentic');
    }
    // Taken away, with or without the tag it was under.
    expect(initiator.judge(ACCEPT, answer.keyAgreement.subarray(0, 80)).kind).toBe('unauthentic');
    expect(initiator.judge(ACCEPT, answer.keyAgreement).kind).toBe('agreed');
  });

  test('cannot be claimed by somebody in between, with a proof that was made for them', () => {
    const between = new Handshake(true, HELLO, key?.bytes);
    const ephemeral = createKeyPair();
    const said = between.write(ephemeral, new Uint8Array(key === undefined ? 48 : 32)) as Uint8Array;
    const answer = acceptor.answer(HELLO, said, ACCEPT);
    if (answer.kind !== 'agreed') throw new Error(answer.kind);
    const proof = between.read(answer.keyAgreement)?.subarray(32) as Uint8Array;
    const genuine = { initiator: ephemeral.publicKey, acceptor: answer.keyAgreement.subarray(0, 32) };
    expect(readIdentityProof(proof, HELLO, genuine)).toEqual(IDENTITY.publicKey);
    const victim = new NoiseInitiator({ key });
    expect(victim.judge(ACCEPT, acceptWith(victim.greet(HELLO), proof)).kind).toBe('unauthentic');
  });

  test('that is not wanted leaves the attempt open for the one that is', () => {
    const trusts = (identity: Uint8Array | undefined) => Buffer.compare(identity ?? HELLO, IDENTITY.publicKey) === 0;
    const initiator = new NoiseInitiator({ key, trusts });
    const said = initiator.greet(HELLO);
    for (const identity of [OTHER, undefined]) {
      const answer = new NoiseAcceptor({ key, identity }).answer(HELLO, said, ACCEPT);
      if (answer.kind !== 'agreed') throw new Error(answer.kind);
      const verdict = initiator.judge(ACCEPT, answer.keyAgreement);
      expect(verdict).toEqual({ kind: 'untrusted', identity: identity?.publicKey });
    }
    const answer = acceptor.answer(HELLO, said, ACCEPT);
    if (answer.kind !== 'agreed') throw new Error(answer.kind);
    expect(initiator.judge(ACCEPT, answer.keyAgreement).kind).toBe('agreed');
  });
});
