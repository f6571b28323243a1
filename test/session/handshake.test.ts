import { describe, expect, test } from 'vitest';
import { SeededPrng } from '../../src/base/prng.ts';
import { type SessionConfig, sessionConfig } from '../../src/session/config.ts';
import { Initiator } from '../../src/session/initiator.ts';
import { Listener } from '../../src/session/listener.ts';
import { plainAcceptor, plainInitiator } from '../../src/session/plain-agreement.ts';
import type { Session } from '../../src/session/session.ts';
import { simulatedCookies } from '../../src/sim/simulated-cookies.ts';
import { decodePacket } from '../../src/wire/packet.ts';
import { CALLER } from './handshake.ts';
import { type Datagram, Network } from './network.ts';

const LISTENER = '10.0.0.2:9000';

/** An initiator that calls a listener over a network with a round trip of 100 ms. */
class Call extends Network {
  readonly initiator: Initiator;
  readonly listener: Listener;
  accepted: Session | undefined;

  constructor(config: Partial<SessionConfig> = {}) {
    super();
    const full = sessionConfig(config);
    this.initiator = new Initiator(0, full, new SeededPrng(1, 'initiator'), LISTENER, plainInitiator);
    this.listener = new Listener(full, new SeededPrng(1, 'listener'), simulatedCookies, plainAcceptor);
    this.join(CALLER, this.initiator);
    this.join(LISTENER, this.listener, () => {
      this.accepted ??= this.listener.pollAccept();
    });
  }

  /** Lets time pass until both sides have a session; returns how long it took. */
  connect(budget: number): number {
    return this.runUntil(() => this.accepted !== undefined, budget);
  }

  get kinds(): string[] {
    return this.log.map(kindOf);
  }
}

const kindOf = ({ bytes }: Datagram): string => decodePacket(bytes).kind;

describe('a handshake', () => {
  test('takes two round trips and a half, and five datagrams', () => {
    const call = new Call();
    expect(call.connect(1000)).toBe(250);
    expect(call.kinds.slice(0, 5)).toEqual(['hello', 'cookie', 'hello', 'accept', 'protected']);
    expect(call.accepted?.peer).toBe(CALLER);
    expect([call.initiator.session?.rtt.latest, call.accepted?.rtt.latest]).toEqual([100, 100]);
  });

  test.each(
    (['stop-and-wait', 'go-back-n', 'selective-repeat'] as const).flatMap((arq) =>
      [0, 1, 2, 3, 4].map((index) => ({ arq, index })),
    ),
  )('comes about in a little over a second when its datagram $index is lost ($arq)', ({ arq, index }) => {
    const call = new Call({ arq });
    call.loses = () => call.log.length === index;
    expect(call.connect(1400)).toBeGreaterThan(250);
    expect(call.initiator.failure).toBeUndefined();
  });

  test('survives half of everything being lost, both ways', () => {
    for (let seed = 0; seed < 50; seed++) {
      const prng = new SeededPrng(seed);
      const call = new Call({ connectTimeout: 30_000 });
      call.loses = () => prng.next() < 0.5;
      call.connect(30_000);
      call.run(3000);
      expect(call.listener.sessionCount).toBe(1);
    }
  });

  test('survives every datagram coming five times, with a second between', () => {
    const call = new Call();
    call.loses = (datagram) => {
      for (let i = 1; i < 5; i++) call.transit.push({ ...datagram, arrivesAt: datagram.sentAt + 50 + 250 * i });
      return false;
    };
    expect(call.connect(1000)).toBe(250);
    call.run(5000);
    expect(call.listener.sessionCount).toBe(1);
    expect([call.initiator.session?.end, call.accepted?.end]).toEqual([undefined, undefined]);
  });

  test('outlives its cookie: a listener that was away for a minute gives a new one', () => {
    const call = new Call({ connectTimeout: 120_000 });
    call.loses = (datagram) => kindOf(datagram) === 'accept' && call.now < 60_000;
    expect(call.connect(62_000)).toBeGreaterThan(60_000);
  });

  test('with an initiator that has nothing to say lasts', () => {
    const call = new Call();
    call.connect(1000);
    call.run(3_600_000);
    expect([call.initiator.session?.end, call.accepted?.end]).toEqual([undefined, undefined]);
  });

  test('with a listener that is not there ends in silence on both sides', () => {
    const call = new Call();
    call.leave(LISTENER);
    call.run(60_000);
    expect(call.initiator.failure).toEqual({ kind: 'connect-timeout' });
    expect(call.initiator.pollTimeout()).toBeUndefined();
  });

  test('that nobody finishes leaves nothing behind', () => {
    const call = new Call();
    call.loses = (datagram) => kindOf(datagram) === 'accept';
    call.run(100_000);
    expect(call.initiator.failure).toEqual({ kind: 'connect-timeout' });
    expect([call.listener.sessionCount, call.listener.pollTimeout()]).toEqual([0, undefined]);
  });
});
