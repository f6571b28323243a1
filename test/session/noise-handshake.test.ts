import { describe, expect, test } from 'vitest';
import { Identity } from '../../src/crypto/identity.ts';
import { NoiseAcceptor } from '../../src/crypto/noise-acceptor.ts';
import { NoiseInitiator } from '../../src/crypto/noise-initiator.ts';
import { SharedKey } from '../../src/crypto/shared-key.ts';
import { plainAcceptor, plainInitiator } from '../../src/session/plain-agreement.ts';
import { CHECKSUM, writeChecksum } from '../../src/wire/checksum.ts';
import { CLOSE_CODE } from '../../src/wire/close-codes.ts';
import { decodePacket } from '../../src/wire/packet.ts';
import { flipped, KEY } from '../crypto/shake-hands.ts';
import { CALLED, CALLER, Call } from './called.ts';

/** The bytes with a checksum that is right again. */
function withChecksum(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  writeChecksum(copy, copy.length - CHECKSUM);
  return copy;
}

const OTHER_KEY = new SharedKey(new Uint8Array(32).fill(8));
const identity = new Identity(new Uint8Array(32).fill(3));

test.each([
  ['nothing', {}, {}],
  ['a shared key', { key: KEY }, { key: KEY }],
  ['an identity', {}, { identity }],
  ['both', { key: KEY }, { key: KEY, identity }],
])('with %s both ends have one channel binding, and bytes arrive', (_, ofInitiator, ofAcceptor) => {
  const call = new Call(new NoiseInitiator(ofInitiator), new NoiseAcceptor(ofAcceptor));
  const { session, accepted } = call.begin();
  expect(session.keys.channelBinding).toHaveLength(64);
  expect(session.keys.channelBinding).toEqual(accepted.keys.channelBinding);
  expect(session.terms.protection).toBe('key' in ofAcceptor ? 'noise-psk' : 'noise');
  expect(session.keys.identity).toEqual('identity' in ofAcceptor ? identity.publicKey : undefined);
  session.write(Uint8Array.of(1, 2, 3));
  call.run(200);
  expect(call.received).toEqual([1, 2, 3]);
});

describe('a listener refuses', () => {
  const initiators = {
    plaintext: () => plainInitiator,
    'no key': () => new NoiseInitiator(),
    'another key': () => new NoiseInitiator({ key: OTHER_KEY }),
    'the key': () => new NoiseInitiator({ key: KEY }),
  };
  const acceptors = {
    plaintext: plainAcceptor,
    'no key': new NoiseAcceptor(),
    'the key': new NoiseAcceptor({ key: KEY }),
  };
  const { key, protectionRequired } = CLOSE_CODE;

  test.each([
    ['plaintext', 'no key', protectionRequired],
    ['plaintext', 'the key', key],
    ['no key', 'plaintext', protectionRequired],
    ['no key', 'the key', key],
    ['another key', 'the key', key],
    ['the key', 'plaintext', protectionRequired],
    ['the key', 'no key', protectionRequired],
  ] as const)('%s where it has %s, soon, and keeps nothing', (asked, has, code) => {
    const call = new Call(initiators[asked](), acceptors[has]);
    const took = call.runUntil(() => call.initiator.failure !== undefined, 5000);
    expect(took).toBeLessThan(3500);
    expect(call.initiator.failure).toEqual({ kind: 'refused', code });
    expect(call.listener.sessionCount).toBe(0);
    // Nobody learns that much without an address that answers.
    const kinds = call.log.filter(({ from }) => from === CALLED).map(({ bytes }) => decodePacket(bytes).kind);
    expect(kinds[0]).toBe('cookie');
    expect(new Set(kinds)).toEqual(new Set(['cookie', 'refuse']));
  });
});

describe('an initiator', () => {
  test('does not talk to a receiver that it does not trust, and says whom it met', () => {
    const call = new Call(new NoiseInitiator({ trusts: () => false }), new NoiseAcceptor({ identity }));
    const took = call.runUntil(() => call.initiator.failure !== undefined, 5000);
    expect(took).toBeLessThan(3500);
    expect(call.initiator.failure).toEqual({ kind: 'untrusted', identity: identity.publicKey });
    expect(call.initiator.session).toBeUndefined();
    expect(call.accepted).toBeUndefined();
  });

  test('drops an ACCEPT in which anything was changed, and takes the genuine one', () => {
    const call = new Call(new NoiseInitiator(), new NoiseAcceptor());
    call.runUntil(() => call.transit.some(({ bytes }) => decodePacket(bytes).kind === 'accept'), 5000);
    const genuine = call.transit.findLast(({ bytes }) => decodePacket(bytes).kind === 'accept');
    if (genuine === undefined) throw new Error('no ACCEPT');
    for (let bit = 0; bit < 8 * (genuine.bytes.length - 4); bit++) {
      call.initiator.handleDatagram(call.now, withChecksum(flipped(genuine.bytes, bit)), CALLED);
      expect(call.initiator.session).toBeUndefined();
    }
    call.begin();
  });

  test('with plaintext takes no encrypted answer, nor the other way round', () => {
    for (const initiator of [plainInitiator, new NoiseInitiator()]) {
      const acceptor = initiator === plainInitiator ? new NoiseAcceptor() : plainAcceptor;
      // A listener that answers as if it had been asked for what it wants.
      const call = new Call(initiator, {
        protection: initiator.protection,
        answer: (...said) => acceptor.answer(...said),
      });
      call.run(5000);
      expect(call.accepted).toBeUndefined();
    }
  });
});

test('a HELLO in which the protection was changed on the way brings no session about', () => {
  const call = new Call(new NoiseInitiator(), new NoiseAcceptor({ key: KEY }));
  call.loses = ({ from, bytes }) => {
    if (from === CALLER && bytes[0] === 1) {
      bytes[2] = 2;
      bytes.set(withChecksum(bytes));
    }
    return false;
  };
  call.run(5000);
  expect([call.initiator.session, call.accepted, call.listener.sessionCount]).toEqual([undefined, undefined, 0]);
});
