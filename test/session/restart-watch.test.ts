import { describe, expect, test } from 'vitest';
import { SeededPrng } from '../../src/base/prng.ts';
import { sessionConfig } from '../../src/session/config.ts';
import { Initiator } from '../../src/session/initiator.ts';
import { Listener } from '../../src/session/listener.ts';
import { plainAcceptor, plainInitiator } from '../../src/session/plain-agreement.ts';
import type { Session } from '../../src/session/session.ts';
import { simulatedCookies } from '../../src/sim/simulated-cookies.ts';
import { decodePacket } from '../../src/wire/packet.ts';
import { CALLER } from './handshake.ts';
import { type Datagram, Network } from './network.ts';

const LISTENER = '10.0.0.2:9000';
const CONTENT = new Uint8Array(50_000);

/** A session of an initiator with a listener that can be started anew, over a round trip of 100 ms. */
class Restartable extends Network {
  readonly initiator = new Initiator(0, sessionConfig(), new SeededPrng(1, 'initiator'), LISTENER, plainInitiator);
  #starts = 0;

  constructor() {
    super();
    this.join(CALLER, this.initiator);
    this.start();
    this.runUntil(() => this.initiator.session?.unansweredSince !== undefined, 1000);
    this.run(1000);
    this.log.length = 0;
  }

  get session(): Session {
    const { session } = this.initiator;
    if (session === undefined) throw new Error('no session');
    return session;
  }

  get hellos(): Datagram[] {
    return this.log.filter(({ bytes }) => decodePacket(bytes).kind === 'hello');
  }

  /** A receiver that reads everything begins to listen. */
  start(): this {
    const prng = new SeededPrng(++this.#starts, 'listener');
    const listener = new Listener(sessionConfig(), prng, simulatedCookies, plainAcceptor);
    const sessions: Session[] = [];
    this.join(LISTENER, listener, () => {
      for (let one = listener.pollAccept(); one !== undefined; one = listener.pollAccept()) sessions.push(one);
      for (const one of sessions) {
        for (let bytes = one.read(); bytes !== undefined; bytes = one.read()) one.consumed(bytes.length);
      }
    });
    return this;
  }

  stop(): this {
    this.leave(LISTENER);
    return this;
  }
}

describe('an acceptor that was started anew', () => {
  test.each([0, 300, 5000, 20_000])('after %d ms is found out within seven seconds, and hears of no end', (away) => {
    const call = new Restartable();
    call.stop().session.write(CONTENT);
    call.run(away).start();
    const took = call.runUntil(() => call.session.end !== undefined, 10_000);
    expect(call.session.end).toMatchObject({ by: 'restart' });
    expect(took).toBeLessThan(7000);
    call.log.length = 0;
    call.run(60_000);
    expect(call.log).toEqual([]);
  });

  test('is found out when the keep-alive comes where nothing else is to be said', () => {
    const call = new Restartable();
    call.stop().start();
    expect(call.runUntil(() => call.session.end !== undefined, 60_000)).toBeLessThan(22_000);
    expect(call.session.end).toMatchObject({ by: 'restart' });
  });

  test('that does not come is silence: a HELLO a second asks for it, and none as long as it is heard', () => {
    const call = new Restartable();
    call.session.write(CONTENT);
    call.run(30_000);
    expect(call.hellos).toEqual([]);
    call.stop().session.write(CONTENT);
    call.runUntil(() => call.session.end !== undefined, 60_000);
    expect(call.session.end).toMatchObject({ by: 'silence' });
    expect(call.hellos.length).toBeGreaterThan(15);
    expect(call.hellos.length).toBeLessThan(32);
  });
});

describe('an acceptor that is still the same', () => {
  test('is never taken for another after the path was cut, for however long', () => {
    for (let cut = 100; cut < 28_000; cut = Math.ceil(cut * 1.3)) {
      const call = new Restartable();
      call.loses = () => true;
      call.session.write(CONTENT);
      call.run(cut);
      call.loses = () => false;
      call.runUntil(() => call.session.writeFinished || call.session.unacknowledged === 0, 10_000);
      expect(call.session.end).toBeUndefined();
    }
  });

  test('is not taken for another on a path that loses most of what it carries', () => {
    let asked = 0;
    let forgotten = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const call = new Restartable();
      const prng = new SeededPrng(seed, 'loss');
      call.loses = () => prng.next() < 0.6;
      for (let second = 0; second < 60 && call.session.end === undefined; second++) {
        call.session.write(CONTENT.subarray(0, 1000));
        call.run(1000);
      }
      asked += call.hellos.length;
      if (call.session.end?.by === 'restart') forgotten++;
    }
    expect(asked).toBeGreaterThan(5000);
    expect(forgotten).toBe(0);
  });

  test('is not given up for copies of one COOKIE, however many come', () => {
    const call = new Restartable();
    call.loses = ({ from }) => from === LISTENER;
    call.session.write(CONTENT);
    call.runUntil(() => call.hellos.length > 0, 10_000);
    call.run(60); // it is answered, and the answer is lost
    const cookie = call.log.find(({ bytes }) => decodePacket(bytes).kind === 'cookie');
    if (cookie === undefined) throw new Error('no answer');
    for (let copy = 0; copy < 100; copy++) call.inject(LISTENER, CALLER, cookie.bytes);
    call.run(90);
    expect(call.session.end).toBeUndefined();
    call.loses = () => false;
    call.run(10_000);
    expect(call.session).toMatchObject({ end: undefined, unacknowledged: 0 });
  });
});
