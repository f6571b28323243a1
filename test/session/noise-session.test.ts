import { describe, expect, test } from 'vitest';
import { NoiseAcceptor } from '../../src/crypto/noise-acceptor.ts';
import { NoiseInitiator } from '../../src/crypto/noise-initiator.ts';
import type { SessionConfig } from '../../src/session/config.ts';
import type { Session } from '../../src/session/session.ts';
import { CLOSE_CODE } from '../../src/wire/close-codes.ts';
import { writeProtectedHeader } from '../../src/wire/protected-header.ts';
import { flipped } from '../crypto/shake-hands.ts';
import { CALLED, CALLER, Call } from './called.ts';
import type { Datagram } from './network.ts';
import { Sealed, watchAcceptor, watchInitiator } from './watched-agreement.ts';

const ELSEWHERE = '10.9.9.9:1';

/** A call whose packets can be told apart although they are sealed. */
class WatchedCall extends Call {
  readonly sealed: { readonly initiator: Sealed; readonly acceptor: Sealed };

  constructor(limits: { updateAfter?: number; failedOpens?: number } = {}, config: Partial<SessionConfig> = {}) {
    const sealed = { initiator: new Sealed(), acceptor: new Sealed() };
    super(
      watchInitiator(new NoiseInitiator({ limits }), sealed.initiator),
      watchAcceptor(new NoiseAcceptor({ limits }), sealed.acceptor),
      config,
    );
    this.sealed = sealed;
  }

  /** The kinds of frames in a datagram; none in a packet of the handshake. */
  kindsOf({ from, bytes }: Datagram): readonly string[] {
    if (((bytes[0] ?? 0) & 0x40) === 0) return [];
    const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(11);
    return (from === CALLED ? this.sealed.acceptor : this.sealed.initiator).kinds.get(number) ?? [];
  }
}

/** Everything that can be seen of a session, but for how much it heard. */
function stateOf(session: Session): object {
  const { datagramsReceived: _, bytesReceived: __, damaged: ___, ...stats } = session.stats;
  const { peer, end, confirmed, unacknowledged, bytesInFlight, receiveBuffered, receiveWindow, cwnd } = session;
  const { datagramSize, readFinished, writeFinished } = session;
  const streams = { unacknowledged, bytesInFlight, receiveBuffered, receiveWindow, readFinished, writeFinished };
  return {
    peer,
    end,
    confirmed,
    cwnd,
    datagramSize,
    rtt: session.rtt.srtt,
    deadline: session.pollTimeout(),
    ...streams,
    ...stats,
  };
}

describe('of an authenticated datagram', () => {
  test('every single flipped bit is noticed: it is dropped, from wherever it came, and changes nothing', () => {
    const call = new WatchedCall({}, { creditWindow: 4096, congestion: 'new-reno' });
    const { session, accepted } = call.begin();
    const tried = new Map<string, number>();
    const out = new Uint8Array(70_000);

    /** Lets its receiver hear every datagram that differs in one bit, before the genuine one comes. */
    const tryAllBits = (datagram: Datagram): void => {
      const isForListener = datagram.to === CALLED;
      const endpoint = isForListener ? call.listener : call.initiator;
      const receiver = isForListener ? accepted : session;
      const before = stateOf(receiver);
      for (let bit = 0; bit < 8 * datagram.bytes.length; bit++) {
        const from = bit % 2 === 0 || !isForListener ? datagram.from : ELSEWHERE;
        endpoint.handleDatagram(call.now, flipped(datagram.bytes, bit), from);
        if (endpoint.pollTransmit(call.now, out) !== undefined) expect.unreachable(`an answer to bit ${bit}`);
      }
      expect(stateOf(receiver)).toEqual(before);
      expect(call.listener.sessionCount).toBe(1);
    };

    /** Tries the first datagrams with each kind of frame as they come by, while time passes. */
    const watch = (span: number): void => {
      const until = call.now + span;
      while (call.now < until) {
        call.run(5);
        for (const datagram of call.transit) {
          for (const kind of call.kindsOf(datagram)) {
            const key = `${kind} to ${datagram.to}`;
            if ((tried.get(key) ?? 0) >= 2) continue;
            tried.set(key, (tried.get(key) ?? 0) + 1);
            tryAllBits(datagram);
          }
        }
      }
    };

    call.delay = 20;
    session.write(new Uint8Array(9000).fill(1));
    accepted.write(new Uint8Array(3000).fill(2));
    watch(200);
    call.rebind(CALLER, '10.0.0.3:5001');
    session.write(new Uint8Array(2000).fill(3));
    watch(200);
    watch(16_000); // until one asks whether the other is still there
    session.close(call.now, CLOSE_CODE.cancelled);
    watch(30);
    const kinds = [...tried.keys()].sort();
    expect(kinds).toEqual(
      expect.arrayContaining([
        `ack to ${CALLED}`,
        `close to ${CALLED}`,
        'ping to 10.0.0.3:5001',
        `credit to ${CALLER}`,
        `data to ${CALLED}`,
        `path-response to ${CALLED}`,
        `ack to ${CALLER}`,
        `data to ${CALLER}`,
        'path-challenge to 10.0.0.3:5001',
      ]),
    );
    expect(accepted.stats.damaged).toBeGreaterThan(10_000);
    expect(accepted.end).toMatchObject({ by: 'peer', code: CLOSE_CODE.cancelled });
  });

  test('a copy is dropped, however often it comes and from wherever', () => {
    const call = new WatchedCall();
    const { session, accepted } = call.begin();
    session.write(new Uint8Array(5000).fill(1));
    call.run(500);
    const { peer } = accepted;
    const heard = call.received.length;
    for (const { to, bytes } of call.log.slice()) {
      if (to !== CALLED || (bytes[0] as number) < 0x40) continue;
      for (let i = 0; i < 100; i++) call.listener.handleDatagram(call.now, bytes.slice(), ELSEWHERE);
    }
    call.run(500);
    expect([accepted.peer, call.received.length, accepted.end]).toEqual([peer, heard, undefined]);
    expect(call.listener.sessionCount).toBe(1);
  });
});

test('frames that are nonsense behind a right tag close the session: only the peer can have written them', () => {
  const call = new Call(new NoiseInitiator(), new NoiseAcceptor());
  const { session, accepted } = call.begin();
  const datagram = new Uint8Array(1200);
  const number = 2 ** 30;
  const end = writeProtectedHeader(datagram, 0, accepted.terms.localId, number);
  datagram[end] = 0xee;
  const length = session.keys.protection.seal(datagram, number, end + 1);
  call.listener.handleDatagram(call.now, datagram.slice(0, length), CALLER);
  expect(accepted.end).toEqual({ by: 'local', code: CLOSE_CODE.protocol, reason: new Uint8Array(0) });
});

test('a session ends when too many packets were forged', () => {
  const call = new Call(new NoiseInitiator(), new NoiseAcceptor({ limits: { failedOpens: 20 } }));
  const { session, accepted } = call.begin();
  const forged = new Uint8Array(60).fill(9);
  writeProtectedHeader(forged, 0, accepted.terms.localId, 2 ** 30);
  for (let i = 0; i < 19; i++) call.listener.handleDatagram(call.now, forged.slice(), ELSEWHERE);
  expect(accepted.end).toBeUndefined();
  call.listener.handleDatagram(call.now, forged.slice(), ELSEWHERE);
  expect(accepted.end).toMatchObject({ by: 'local', code: CLOSE_CODE.key });
  call.run(300);
  expect(session.end).toMatchObject({ by: 'peer', code: CLOSE_CODE.key });
});

test('keys change again and again while bytes flow both ways', () => {
  const call = new WatchedCall({ updateAfter: 20 }, { congestion: 'new-reno' });
  const { session, accepted } = call.begin();
  session.write(new Uint8Array(400_000).fill(7));
  accepted.write(new Uint8Array(400_000).fill(8));
  call.run(20_000);
  expect(call.received).toHaveLength(400_000);
  expect([session.stats.damaged, accepted.stats.damaged]).toEqual([0, 0]);
  expect(call.sealed.initiator.updates).toBeGreaterThanOrEqual(3);
  expect(call.sealed.acceptor.updates).toBeGreaterThanOrEqual(3);
});
