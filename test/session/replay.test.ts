import { describe, expect, test } from 'vitest';
import { NoiseAcceptor } from '../../src/crypto/noise-acceptor.ts';
import { NoiseInitiator } from '../../src/crypto/noise-initiator.ts';
import { decodePacket } from '../../src/wire/packet.ts';
import { KEY } from '../crypto/shake-hands.ts';
import { CALLED, CALLER } from './called.ts';
import type { Datagram } from './network.ts';
import { SealedTransfer } from './sealed-transfer.ts';

const ELSEWHERE = '10.9.9.9:1';
const CONTENT = new Uint8Array(5000).fill(7);

const transfer = (key?: typeof KEY): SealedTransfer => {
  const options = key === undefined ? {} : { key };
  return new SealedTransfer(new NoiseInitiator(options), new NoiseAcceptor(options), CONTENT);
};

const toReceiver = (call: SealedTransfer): Datagram[] => call.log.filter(({ to }) => to === CALLED);
const kindOf = ({ bytes }: Datagram): string => decodePacket(bytes).kind;
const hasCookie = ({ bytes }: Datagram): boolean => {
  const packet = decodePacket(bytes);
  return packet.kind === 'hello' && packet.cookie !== undefined;
};

/** Everything that a replay must not change. */
const stateOf = (call: SealedTransfer) => ({
  begun: call.begun,
  published: [...call.store.published.keys()],
  incoming: call.receiver.incoming.length,
});

/** What came back to whoever played something again. */
function answers(call: SealedTransfer, act: () => void): string[] {
  const before = call.log.length;
  act();
  call.run(1000);
  return call.log
    .slice(before)
    .filter(({ from }) => from === CALLED)
    .map(kindOf);
}

describe.each([
  ['without a key', undefined],
  ['with a key', KEY],
])('a recorded transfer, %s', (_, key) => {
  test.each([CALLER, ELSEWHERE])(
    'played again a hundred times from %s: one pending slot at most, and nothing else',
    (from) => {
      const call = transfer(key).finish();
      const before = stateOf(call);
      const recorded = toReceiver(call);
      expect(recorded.length).toBeGreaterThan(5);
      for (let round = 0; round < 100; round++) {
        for (const { bytes } of recorded) call.inject(from, CALLED, bytes);
        call.run(100);
        expect(call.sessionCount).toBeLessThanOrEqual(from === CALLER ? 1 : 0);
      }
      expect(stateOf(call)).toEqual(before);
      call.run(60_000);
      expect(call.sessionCount).toBe(0);
    },
  );

  test('single packets of it, in any order, get no answer', () => {
    const call = transfer(key).finish();
    const before = stateOf(call);
    const packets = toReceiver(call).filter((datagram) => kindOf(datagram) === 'protected');
    for (const datagram of packets.toReversed()) {
      for (const from of [CALLER, ELSEWHERE]) {
        const said = answers(call, () => {
          for (let i = 0; i < 100; i++) call.inject(from, CALLED, datagram.bytes);
        });
        expect(said).toEqual([]);
      }
    }
    expect(stateOf(call)).toEqual(before);
  });

  test('its HELLO with the cookie: a pending slot within 30 s, a new cookie after, and nothing for another address', () => {
    const call = transfer(key).finish();
    const before = stateOf(call);
    const hello = toReceiver(call).find(hasCookie);
    if (hello === undefined) throw new Error('no HELLO with a cookie');
    const play = (from: string) => answers(call, () => call.inject(from, CALLED, hello.bytes));
    expect(play(ELSEWHERE)).toEqual(['cookie']);
    expect(call.sessionCount).toBe(0);
    expect(play(CALLER)).toEqual(['accept']);
    expect(call.sessionCount).toBe(1);
    call.run(hello.sentAt + 31_500 - call.now);
    expect(play(CALLER)).toEqual(['cookie']);
    call.run(60_000);
    expect(call.sessionCount).toBe(0);
    for (const from of [CALLER, ELSEWHERE]) expect(play(from)).toEqual(['cookie']);
    expect(stateOf(call)).toEqual(before);
  });

  test('while it lasts: neither its address nor what it stores is another', () => {
    const call = transfer(key);
    for (let round = 0; round < 40 && !call.sender.isDone; round++) {
      call.run(30);
      const arrived = toReceiver(call).filter((datagram) => !call.transit.includes(datagram));
      for (const { bytes } of arrived) {
        for (let i = 0; i < 10; i++) call.inject(ELSEWHERE, CALLED, bytes, call.now);
      }
      call.settle();
      for (const { session } of call.receiver.incoming) expect(session.peer).toBe(CALLER);
      expect(call.begun).toBeLessThanOrEqual(1);
      expect(call.sessionCount).toBeLessThanOrEqual(1);
    }
    expect(call.sender.end?.kind).toBe('complete');
    expect(call.store.published.get('file')?.bytes).toEqual(CONTENT);
    const elsewhere = call.log.filter(({ to }) => to === ELSEWHERE).map(kindOf);
    expect(new Set(elsewhere)).toEqual(new Set(['cookie']));
  });
});
