import { describe, expect, test } from 'vitest';
import { SeededPrng } from '../../src/base/prng.ts';
import { type SessionConfig, sessionConfig } from '../../src/session/config.ts';
import { Initiator } from '../../src/session/initiator.ts';
import { plainInitiator } from '../../src/session/plain-agreement.ts';
import { offeredTerms } from '../../src/session/session-terms.ts';
import type { ConnectionId } from '../../src/wire/connection-id.ts';
import { decodePacket } from '../../src/wire/packet.ts';
import { codecPacket } from '../wire/codec.ts';

const PEER = '10.0.0.2:9000';
const ELSEWHERE = '10.0.0.2:9001';
const ACCEPTOR_ID: ConnectionId = { hi: 3, lo: 4 };

/** An initiator by itself: what it is answered, the test makes up. */
class Caller {
  readonly initiator: Initiator;
  now = 0;
  readonly #config: SessionConfig;
  readonly #out = new Uint8Array(70_000);

  constructor(config: Partial<SessionConfig> = {}) {
    this.#config = sessionConfig(config);
    this.initiator = new Initiator(0, this.#config, new SeededPrng(1), PEER, plainInitiator);
  }

  /** Everything it sends now. */
  drain() {
    const sent: ReturnType<typeof decodePacket>[] = [];
    this.initiator.handleTimeout(this.now);
    for (;;) {
      const transmit = this.initiator.pollTransmit(this.now, this.#out);
      if (transmit === undefined) return sent;
      expect(transmit.to).toBe(PEER);
      sent.push(decodePacket(this.#out.slice(0, transmit.length)));
    }
  }

  /** What it sends until `until`, by its own deadlines. */
  run(until: number) {
    const sent = this.drain();
    for (let at = this.initiator.pollTimeout(); at !== undefined && at <= until; at = this.initiator.pollTimeout()) {
      this.now = at;
      sent.push(...this.drain());
    }
    this.now = until;
    return sent;
  }

  /** Its first HELLO. */
  hello() {
    const [hello] = this.drain();
    if (hello?.kind !== 'hello') throw new Error(`sent ${hello?.kind}`);
    return hello;
  }

  hear(kind: string, packet: object, from = PEER): this {
    this.initiator.handleDatagram(this.now, codecPacket(kind, packet), from);
    return this;
  }

  /** An ACCEPT of everything, with these fields instead. */
  accept(initiatorId: ConnectionId, fields: object = {}, from = PEER): this {
    return this.hear(
      'accept',
      { ...offeredTerms(this.#config, 'plain'), initiatorId, acceptorId: ACCEPTOR_ID, ...fields },
      from,
    );
  }
}

const cookieOf = (value: number): Uint8Array => new Uint8Array(24).fill(value);
const OTHER_ID: ConnectionId = { hi: 1, lo: 1 };

describe('HELLO', () => {
  test('asks for what was configured, in 1200 bytes, without a cookie at first', () => {
    const hello = new Caller({ arq: 'go-back-n', window: 7, idleTimeout: 5000, creditWindow: 12_345 }).hello();
    expect(hello).toMatchObject({ arq: 'go-back-n', window: 7, idleTimeout: 5000, credit: 12_345, cookie: undefined });
  });

  test('has another id in every attempt', () => {
    const ids = [1, 2, 3].map((seed) => {
      const out = new Uint8Array(70_000);
      new Initiator(0, sessionConfig(), new SeededPrng(seed), PEER, plainInitiator).pollTransmit(0, out);
      const hello = decodePacket(out.subarray(0, 1200));
      return hello.kind === 'hello' ? hello.initiatorId.lo : undefined;
    });
    expect(new Set(ids).size).toBe(3);
  });

  test('is said with the cookie at once when a COOKIE comes', () => {
    const caller = new Caller();
    const { initiatorId } = caller.hello();
    caller.now = 40;
    caller.hear('cookie', { initiatorId, cookie: cookieOf(1) });
    expect(caller.drain()).toMatchObject([{ kind: 'hello', initiatorId, cookie: cookieOf(1) }]);
  });

  test('takes a later cookie too, because the first may have expired, but is not said at once for it', () => {
    const caller = new Caller();
    const { initiatorId } = caller.hello();
    caller.hear('cookie', { initiatorId, cookie: cookieOf(1) }).drain();
    for (let value = 2; value < 100; value++) caller.hear('cookie', { initiatorId, cookie: cookieOf(value) });
    expect(caller.drain()).toEqual([]);
    expect(caller.run(1000)[0]).toMatchObject({ cookie: cookieOf(99) });
  });

  test.each([
    { name: 'with another id', from: PEER, id: OTHER_ID },
    { name: 'from another address', from: ELSEWHERE, id: undefined },
  ])('a COOKIE $name is dropped', ({ from, id }) => {
    const caller = new Caller();
    const { initiatorId } = caller.hello();
    caller.hear('cookie', { initiatorId: id ?? initiatorId, cookie: cookieOf(1) }, from);
    expect(caller.drain()).toEqual([]);
    expect(caller.run(250)).toMatchObject([{ cookie: undefined }]);
  });
});

describe('ACCEPT', () => {
  test('begins the session: its terms, the acceptor’s id, a first packet at once', () => {
    const caller = new Caller({ window: 50 });
    const { initiatorId } = caller.hello();
    caller.now = 80;
    caller.accept(initiatorId, { window: 20, credit: 777 });
    const { session } = caller.initiator;
    expect(session?.terms).toMatchObject({ role: 'initiator', window: 20, sendCredit: 777, remoteId: ACCEPTOR_ID });
    expect(session?.rtt.latest).toBe(80);
    expect(caller.drain()).toMatchObject([{ kind: 'protected', connectionId: ACCEPTOR_ID }]);
  });

  test.each<{ name: string; fields: object; from?: string }>([
    { name: 'with a larger window', fields: { window: 16_385 } },
    { name: 'with larger datagrams', fields: { maxDatagram: 1201 } },
    { name: 'with a longer idle timeout', fields: { idleTimeout: 30_001 } },
    { name: 'with another ARQ', fields: { arq: 'stop-and-wait' } },
    { name: 'of another attempt', fields: { initiatorId: OTHER_ID } },
    { name: 'with encryption', fields: { protection: 'noise', suite: 1 } },
    { name: 'from another address', fields: {}, from: ELSEWHERE },
  ])('$name is dropped, and the handshake goes on', ({ fields, from }) => {
    const caller = new Caller();
    const { initiatorId } = caller.hello();
    caller.accept(initiatorId, fields, from);
    expect([caller.initiator.session, caller.initiator.failure]).toEqual([undefined, undefined]);
    caller.accept(initiatorId);
    expect(caller.initiator.session).toBeDefined();
  });

  test('that comes again changes nothing', () => {
    const caller = new Caller();
    const { initiatorId } = caller.hello();
    caller.accept(initiatorId);
    const { session } = caller.initiator;
    caller.accept(initiatorId, { acceptorId: OTHER_ID });
    expect(caller.initiator.session).toBe(session);
  });

  test('that may answer any of several HELLOs is no sample of the round trip (Karn)', () => {
    const caller = new Caller();
    const { initiatorId } = caller.hello();
    caller.run(1040);
    caller.accept(initiatorId);
    expect(caller.initiator.session?.rtt.latest).toBeUndefined();
  });
});

describe('hints that nobody can prove', () => {
  const refusal = (initiatorId: ConnectionId) => ({ initiatorId, reason: 5 });

  test('are believed the third time, two seconds after the first', () => {
    const caller = new Caller();
    const { initiatorId } = caller.hello();
    for (const now of [10, 1010]) {
      caller.run(now);
      caller.hear('refuse', refusal(initiatorId));
    }
    expect(caller.initiator.failure).toBeUndefined();
    caller.run(2010);
    caller.hear('refuse', refusal(initiatorId));
    expect(caller.initiator.failure).toEqual({ kind: 'refused', code: 5 });
    expect([caller.drain(), caller.initiator.pollTimeout()]).toEqual([[], undefined]);
  });

  test('a thousand at once are not: a session may still come about', () => {
    const caller = new Caller();
    const { initiatorId } = caller.hello();
    for (let i = 0; i < 1000; i++) caller.hear('version', { initiatorId, versions: [2] });
    expect(caller.initiator.failure).toBeUndefined();
    caller.accept(initiatorId);
    expect(caller.initiator.session).toBeDefined();
  });

  test.each([
    { name: 'with another id', from: PEER, id: OTHER_ID },
    { name: 'from another address', from: ELSEWHERE, id: undefined },
  ])('$name are dropped', ({ from, id }) => {
    const caller = new Caller();
    const { initiatorId } = caller.hello();
    for (const now of [10, 1010, 2010, 3010]) {
      caller.run(now);
      caller.hear('refuse', refusal(id ?? initiatorId), from);
      caller.hear('version', { initiatorId: id ?? initiatorId, versions: [2] }, from);
    }
    caller.run(10_000);
    expect(caller.initiator.failure).toEqual({ kind: 'connect-timeout' });
  });

  test('explain why, once the time is up', () => {
    const caller = new Caller();
    const { initiatorId } = caller.hello();
    caller.hear('version', { initiatorId, versions: [2] });
    caller.run(9999);
    expect(caller.initiator.failure).toBeUndefined();
    caller.run(10_000);
    expect(caller.initiator.failure).toEqual({ kind: 'version', versions: [2] });
  });

  test('nobody listens there, says the system: believed like the others, and not any more once there is a session', () => {
    const caller = new Caller();
    const { initiatorId } = caller.hello();
    for (caller.now = 0; caller.now < 2000; caller.now += 500) caller.initiator.handleUnreachable(caller.now);
    expect(caller.initiator.failure).toBeUndefined();
    const other = new Caller();
    other.hello();
    for (other.now = 0; other.now <= 2000; other.now += 500) other.initiator.handleUnreachable(other.now);
    expect(other.initiator.failure).toEqual({ kind: 'unreachable' });
    caller.accept(initiatorId);
    caller.initiator.handleUnreachable(5000);
    expect([caller.initiator.failure, caller.initiator.session?.end]).toEqual([undefined, undefined]);
  });
});

describe('silence', () => {
  test.each([1000, 10_000, 60_000])(
    'for a connect timeout of %i ms is the end, and nothing follows',
    (connectTimeout) => {
      const caller = new Caller({ connectTimeout });
      const hellos = caller.run(connectTimeout - 1);
      expect(caller.initiator.failure).toBeUndefined();
      expect(hellos.length).toBeLessThanOrEqual(2 + (2 * connectTimeout) / 1000);
      caller.run(connectTimeout);
      expect(caller.initiator.failure).toEqual({ kind: 'connect-timeout' });
      expect([caller.run(10 * connectTimeout), caller.initiator.pollTimeout()]).toEqual([[], undefined]);
    },
  );

  test('an ACCEPT after the end is too late', () => {
    const caller = new Caller();
    const { initiatorId } = caller.hello();
    caller.run(10_000);
    caller.accept(initiatorId);
    expect(caller.initiator.session).toBeUndefined();
  });
});

describe('what an initiator drops', () => {
  const frames = [{ kind: 'close', code: 0, reason: new Uint8Array(0) }];

  test('a packet before there is a session, and one for another id', () => {
    const caller = new Caller();
    const { initiatorId } = caller.hello();
    const packet = { keyPhase: 0, connectionId: initiatorId, packetNumber: 1, frames };
    caller.hear('protected', packet).accept(initiatorId);
    caller.hear('protected', { ...packet, connectionId: OTHER_ID });
    caller.hear('protected', packet, ELSEWHERE);
    expect(caller.initiator.session?.end).toBeUndefined();
    expect(caller.initiator.session?.stats.datagramsReceived).toBe(0);
    caller.hear('protected', packet);
    expect(caller.initiator.session?.end?.by).toBe('peer');
  });

  test('a HELLO, and anything malformed', () => {
    const caller = new Caller();
    const hello = caller.hello();
    caller.hear('hello', hello);
    for (const length of [0, 1, 15, 38, 126]) caller.initiator.handleDatagram(0, new Uint8Array(length).fill(2), PEER);
    expect([caller.drain(), caller.initiator.failure, caller.initiator.session]).toEqual([[], undefined, undefined]);
  });
});
