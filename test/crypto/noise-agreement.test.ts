import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blake2b256 } from '../../src/crypto/blake2b.ts';
import { createKeyPair, Handshake } from '../../src/crypto/handshake.ts';
import { NoiseAcceptor } from '../../src/crypto/noise-acceptor.ts';
import { NoiseInitiator } from '../../src/crypto/noise-initiator.ts';
import { SharedKey } from '../../src/crypto/shared-key.ts';
import { fromHex } from '../wire/vector-file.ts';
import { ACCEPT, flipped, HELLO, KEY, shakeHands } from './shake-hands.ts';

const OTHER_KEY = new SharedKey(new Uint8Array(32).fill(8));
const KINDS = [
  { name: 'noise', key: undefined },
  { name: 'noise-psk', key: KEY },
] as const;

/** u-coordinates whose product with any secret is zero, also unreduced and with the ignored bit (RFC 7748 section 6.1). */
const LOW_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000080',
].map(fromHex);

/** An acceptor that follows the pattern and puts what it likes in its payload. */
function acceptWith(keyAgreement: Uint8Array, payload: Uint8Array, key?: SharedKey): Uint8Array {
  const handshake = new Handshake(false, HELLO, key?.bytes);
  handshake.read(keyAgreement);
  return handshake.write(createKeyPair(), payload) ?? new Uint8Array(0);
}

describe.each(KINDS)('$name', ({ name, key }) => {
  const answer = (keyAgreement: Uint8Array, hello: Uint8Array = HELLO) =>
    new NoiseAcceptor({ key }).answer(hello, keyAgreement, ACCEPT);
  const keyAgreementOf = (verdict: ReturnType<typeof answer>): Uint8Array => {
    if (verdict.kind !== 'agreed') throw new Error(verdict.kind);
    return verdict.keyAgreement;
  };

  test('both ends agree, on something else each time', () => {
    const sessions = Array.from({ length: 5 }, () => shakeHands({ key }, { key }));
    for (const { initiator, acceptor } of sessions) {
      expect(initiator.channelBinding).toEqual(acceptor.channelBinding);
      expect(initiator.channelBinding).toHaveLength(64);
      expect([initiator.protection.name, acceptor.protection.name]).toEqual([name, name]);
    }
    expect(new Set(sessions.map(({ initiator }) => `${initiator.channelBinding}`)).size).toBe(5);
  });

  test('both HELLOs of an attempt carry the same key, those of two attempts do not', () => {
    const initiator = new NoiseInitiator({ key });
    const said = Uint8Array.from(initiator.greet(HELLO));
    expect(initiator.greet(Uint8Array.from(HELLO))).toEqual(said);
    expect(new NoiseInitiator({ key }).greet(HELLO).subarray(0, 32)).not.toEqual(said.subarray(0, 32));
    expect(initiator.greet(flipped(HELLO, 0)).subarray(0, 32)).not.toEqual(said.subarray(0, 32));
  });

  test('a HELLO changed in any of its bound bytes comes to nothing', () => {
    for (let at = 0; at < HELLO.length; at++) {
      const initiator = new NoiseInitiator({ key });
      const verdict = answer(initiator.greet(HELLO), flipped(HELLO, 8 * at + (at & 7)));
      if (key !== undefined) expect(verdict.kind).toBe('unauthentic');
      else expect(initiator.judge(ACCEPT, keyAgreementOf(verdict)).kind).toBe('unauthentic');
    }
  });

  test('an ACCEPT changed in any of its bound bytes is dropped, and the genuine one still counts', () => {
    const initiator = new NoiseInitiator({ key });
    const said = keyAgreementOf(answer(initiator.greet(HELLO)));
    for (let at = 0; at < ACCEPT.length; at++) {
      expect(initiator.judge(flipped(ACCEPT, 8 * at + (at & 7)), said).kind).toBe('unauthentic');
    }
    expect(initiator.judge(ACCEPT, said).kind).toBe('agreed');
  });

  test('a key agreement of a HELLO with any bit flipped comes to nothing', () => {
    const initiator = new NoiseInitiator({ key });
    const said = initiator.greet(HELLO);
    for (let bit = 0; bit < 8 * said.length; bit++) {
      const verdict = answer(flipped(said, bit));
      if (key !== undefined) expect(verdict.kind).toBe('unauthentic');
      else if (verdict.kind === 'agreed') {
        expect(initiator.judge(ACCEPT, verdict.keyAgreement).kind).toBe('unauthentic');
      }
    }
  });

  test('a key agreement of an ACCEPT with any bit flipped is dropped', () => {
    const initiator = new NoiseInitiator({ key });
    const said = keyAgreementOf(answer(initiator.greet(HELLO)));
    for (let bit = 0; bit < 8 * said.length; bit++) {
      expect(initiator.judge(ACCEPT, flipped(said, bit)).kind).toBe('unauthentic');
    }
  });

  test('the answer to another handshake, and our own words, are dropped', () => {
    const initiator = new NoiseInitiator({ key });
    const own = initiator.greet(HELLO);
    const other = keyAgreementOf(answer(new NoiseInitiator({ key }).greet(HELLO)));
    expect(initiator.judge(ACCEPT, other).kind).toBe('unauthentic');
    expect(initiator.judge(ACCEPT, own).kind).toBe('unauthentic');
    expect(initiator.judge(ACCEPT, keyAgreementOf(answer(own))).kind).toBe('agreed');
  });

  test('one ACCEPT is agreed to, and none before a HELLO', () => {
    const initiator = new NoiseInitiator({ key });
    const other = keyAgreementOf(answer(new NoiseInitiator({ key }).greet(HELLO)));
    expect(initiator.judge(ACCEPT, other).kind).toBe('unauthentic');
    const said = keyAgreementOf(answer(initiator.greet(HELLO)));
    expect(initiator.judge(ACCEPT, said).kind).toBe('agreed');
    expect(initiator.judge(ACCEPT, said).kind).toBe('unauthentic');
  });

  test.each(LOW_ORDER)('a public key of low order is refused: %#', (publicKey) => {
    const { secretKey } = createKeyPair();
    const handshake = new Handshake(true, HELLO, key?.bytes);
    const payload = new Uint8Array(key === undefined ? 48 : 32);
    expect(answer(handshake.write({ publicKey, secretKey }, payload) as Uint8Array).kind).toBe('unauthentic');
    const initiator = new NoiseInitiator({ key });
    const said = Uint8Array.from(keyAgreementOf(answer(initiator.greet(HELLO))));
    said.set(publicKey);
    expect(initiator.judge(ACCEPT, said).kind).toBe('unauthentic');
  });

  test('any bytes at all get an answer, of whatever length', () => {
    const initiator = new NoiseInitiator({ key });
    initiator.greet(HELLO);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300, size: 'max' }), (bytes) => {
        expect(initiator.judge(ACCEPT, bytes).kind).toBe('unauthentic');
        const isHello = key === undefined && bytes.length === 80; // NN takes any point that is not of low order
        if (!isHello) expect(answer(bytes).kind).toBe('unauthentic');
      }),
      { numRuns: 300 },
    );
    for (let length = 0; length < 200; length++) {
      expect(initiator.judge(ACCEPT, new Uint8Array(length)).kind).toBe('unauthentic');
      expect(answer(new Uint8Array(length)).kind).toBe('unauthentic');
    }
  });

  test('a payload that is not the digest of the ACCEPT is no answer, whoever sealed it', () => {
    const initiator = new NoiseInitiator({ key });
    const said = initiator.greet(HELLO);
    const digest = blake2b256(ACCEPT);
    for (const payload of [new Uint8Array(0), digest.subarray(0, 31), new Uint8Array(32), flipped(digest, 255)]) {
      expect(initiator.judge(ACCEPT, acceptWith(said, payload, key)).kind).toBe('unauthentic');
    }
    expect(initiator.judge(ACCEPT, acceptWith(said, digest, key)).kind).toBe('agreed');
  });

  test('an ephemeral key is zeroed once it is of no more use', () => {
    const drawn = { initiator: createKeyPair(), acceptor: createKeyPair() };
    const initiator = new NoiseInitiator({ key, drawKeyPair: () => drawn.initiator });
    const acceptor = new NoiseAcceptor({ key, drawKeyPair: () => drawn.acceptor });
    const verdict = acceptor.answer(HELLO, initiator.greet(HELLO), ACCEPT);
    expect(initiator.judge(ACCEPT, keyAgreementOf(verdict)).kind).toBe('agreed');
    expect(drawn.initiator.secretKey).toEqual(new Uint8Array(32));
    expect(drawn.acceptor.secretKey).toEqual(new Uint8Array(32));
  });
});

describe('a shared key', () => {
  const answerTo = (mine: SharedKey | undefined, theirs: SharedKey | undefined) => {
    const initiator = new NoiseInitiator({ key: mine });
    return { initiator, verdict: new NoiseAcceptor({ key: theirs }).answer(HELLO, initiator.greet(HELLO), ACCEPT) };
  };

  test('an acceptor with another one knows it from the HELLO, before it draws a key of its own', () => {
    let drawn = 0;
    const drawKeyPair = () => {
      drawn++;
      return createKeyPair();
    };
    const said = new NoiseInitiator({ key: KEY }).greet(HELLO);
    const acceptor = new NoiseAcceptor({ key: OTHER_KEY, drawKeyPair });
    expect(acceptor.answer(HELLO, said, ACCEPT).kind).toBe('unauthentic');
    expect(drawn).toBe(0);
  });

  test('an acceptor that has one refuses the HELLO of an initiator that has none', () => {
    expect(answerTo(undefined, KEY).verdict.kind).toBe('unauthentic');
  });

  test('an initiator that has one drops the ACCEPT of whoever has none, or another', () => {
    const { initiator, verdict } = answerTo(KEY, undefined);
    if (verdict.kind === 'agreed') expect(initiator.judge(ACCEPT, verdict.keyAgreement).kind).toBe('unauthentic');
    const forged = acceptWith(initiator.greet(HELLO), blake2b256(ACCEPT), OTHER_KEY);
    expect(initiator.judge(ACCEPT, forged).kind).toBe('unauthentic');
  });
});
