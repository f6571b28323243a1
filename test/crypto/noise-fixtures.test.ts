import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { fingerprint } from '../../src/crypto/fingerprint.ts';
import { Identity } from '../../src/crypto/identity.ts';
import { NoiseAcceptor } from '../../src/crypto/noise-acceptor.ts';
import { NoiseInitiator } from '../../src/crypto/noise-initiator.ts';
import { SharedKey } from '../../src/crypto/shared-key.ts';
import { fromHex, toHex } from '../wire/vector-file.ts';
import { naiveOpen } from './naive-noise.ts';
import { GOLDEN_FILE, GOLDEN_SESSIONS, type GoldenSession } from './noise-fixtures.ts';

const generated = {
  about: [
    'Golden handshakes and packets of protections 1 and 2 of the udpcp protocol, version 1 (PROTOCOL.md section 6.2).',
    'Bytes are hexadecimal, null is absent. Made by the naive twin in test/crypto, never by the code under test.',
    'hello: its bytes 0..33; accept: its bytes 0..41; toAcceptor, toInitiator: the first secret of each direction.',
    'updates: how often the direction of a packet has changed its key before; fingerprint: places in the word list, from 0.',
  ],
  sessions: GOLDEN_SESSIONS,
};

// `vitest -u` writes the file anew; a difference nobody wanted is a change of the protocol.
test('fixtures/noise.json is what the naive twin makes', async () => {
  await expect(`${JSON.stringify(generated, null, 2)}\n`).toMatchFileSnapshot(fileURLToPath(GOLDEN_FILE));
});

/** Both ends with the keys of the fixture. */
function ends(session: GoldenSession) {
  const options = {
    key: session.sharedKey === null ? undefined : new SharedKey(fromHex(session.sharedKey)),
    limits: { updateAfter: 1 }, // with it, an acknowledgement is all that a change of keys waits for
  };
  const pair = (publicKey: string, secretKey: string) => () => ({
    publicKey: fromHex(publicKey),
    secretKey: fromHex(secretKey),
  });
  const drawInitiator = pair(session.initiatorPublic, session.initiatorSecret);
  const drawAcceptor = pair(session.acceptorPublic, session.acceptorSecret);
  const identity = session.identitySeed === null ? undefined : new Identity(fromHex(session.identitySeed));
  return {
    initiator: new NoiseInitiator({ ...options, drawKeyPair: drawInitiator }),
    acceptor: new NoiseAcceptor({ ...options, identity, drawKeyPair: drawAcceptor }),
  };
}

/** What both ends make of the handshake of the fixture. */
function agree(session: GoldenSession) {
  const { initiator, acceptor } = ends(session);
  const keyAgreement = initiator.greet(fromHex(session.hello));
  const answer = acceptor.answer(fromHex(session.hello), keyAgreement, fromHex(session.accept));
  const verdict = initiator.judge(fromHex(session.accept), fromHex(session.acceptKeyAgreement));
  if (answer.kind !== 'agreed' || verdict.kind !== 'agreed') throw new Error(`${answer.kind} ${verdict.kind}`);
  return { keyAgreement, answer, verdict };
}

describe.each(GOLDEN_SESSIONS)('$name', (session) => {
  test('both messages are those of the twin', () => {
    const { keyAgreement, answer } = agree(session);
    expect(toHex(keyAgreement)).toBe(session.helloKeyAgreement);
    expect(toHex(answer.keyAgreement)).toBe(session.acceptKeyAgreement);
    expect(keyAgreement).toHaveLength(80);
    expect(answer.keyAgreement).toHaveLength(session.identity === null ? 80 : 176);
  });

  test('both ends have the channel binding, the fingerprint and the identity of the twin', () => {
    const { answer, verdict } = agree(session);
    expect(toHex(answer.channelBinding as Uint8Array)).toBe(session.channelBinding);
    expect(verdict.channelBinding).toEqual(answer.channelBinding);
    const numbers = Array.from({ length: 2048 }, (_, index) => `${index}`);
    expect(fingerprint(verdict.channelBinding as Uint8Array, numbers)).toEqual(session.fingerprint.map(String));
    expect(verdict.identity).toEqual(session.identity === null ? undefined : fromHex(session.identity));
  });

  test('each packet seals to the datagram of the twin and opens to its frames, across key updates', () => {
    const { answer, verdict } = agree(session);
    const protection = { initiator: verdict.protection, acceptor: answer.protection };
    for (const { from, updates, packetNumber, header, frames, datagram, ...keys } of session.packets) {
      if (updates > 0) protection[from].onAcknowledged?.(packetNumber - 1);
      const out = new Uint8Array(100);
      out.set(fromHex(header));
      out[0] = 0x40; // the phase is the protection's to write
      out.set(fromHex(frames), 15);
      const length = protection[from].seal(out, packetNumber, 15 + frames.length / 2);
      expect(toHex(out.subarray(0, length))).toBe(datagram);
      const other = from === 'initiator' ? 'acceptor' : 'initiator';
      const received = fromHex(datagram);
      const end = protection[other].open(received, packetNumber);
      expect(toHex(received.subarray(15, end))).toBe(frames);
      expect(
        toHex(naiveOpen({ key: fromHex(keys.key), nonce: Buffer.from(keys.nonce, 'hex') }, fromHex(datagram))),
      ).toBe(frames);
    }
  });
});
