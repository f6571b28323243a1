import { describe, expect, test } from 'vitest';
import { SeededPrng } from '../../src/base/prng.ts';
import { sessionConfig } from '../../src/session/config.ts';
import { plainKeys } from '../../src/session/plain-agreement.ts';
import { Session } from '../../src/session/session.ts';
import { offeredTerms, sessionTerms } from '../../src/session/session-terms.ts';
import type { PacketRange } from '../../src/wire/ack-frame.ts';
import { CLOSE_CODE } from '../../src/wire/close-codes.ts';
import { readPacketNumber } from '../../src/wire/protected-header.ts';
import { codecPacket } from '../wire/codec.ts';

// Peers that acknowledge what they cannot have received (RFC 9000 section 21.4).

const PERIOD = 256;
const LONGEST_PERIOD = 131_072;
const CONFIG = sessionConfig();
const OFFER = offeredTerms(CONFIG, 'plain');
const CONNECTION = { localId: { hi: 1, lo: 1 }, remoteId: { hi: 2, lo: 2 } };
const TERMS = sessionTerms('acceptor', CONFIG, CONNECTION, OFFER, OFFER);
const OUT = new Uint8Array(1200);

/** A session that sends one PING after the other, and hears ACKs that the test writes. */
class Pinging {
  readonly session: Session;
  /** What was sent; the oldest packet is not before `first`. */
  readonly first: number;
  newest: number;
  #now = 0;
  #acks = 0;

  constructor(seed: number) {
    this.session = new Session(0, TERMS, 'peer', new SeededPrng(seed), plainKeys);
    this.first = this.#send();
    this.newest = this.first;
  }

  /** Another packet. Returns whether the number before its own was skipped. */
  ping(): boolean {
    const before = this.newest;
    this.newest = this.#send();
    return this.newest > before + 1;
  }

  /** The peer says that it has these. Returns whether that was borne. */
  acknowledge(...ranges: readonly PacketRange[]): boolean {
    const largest = (ranges[0] as PacketRange).end - 1;
    const frames = [{ kind: 'ack', largest, ackDelay: 0, cumulative: 0, ranges }];
    const packetNumber = this.#acks++;
    const { localId: connectionId } = CONNECTION;
    this.session.handlePacket(
      this.#now,
      codecPacket('protected', { keyPhase: 0, connectionId, packetNumber, frames }),
      'peer',
    );
    return this.session.end === undefined;
  }

  #send(): number {
    this.session.ping();
    this.#now++;
    if (this.session.pollTransmit(this.#now, OUT) === 0) throw new Error('there is a PING to send');
    return readPacketNumber(OUT);
  }
}

const PROTOCOL_BROKEN = { by: 'local', code: CLOSE_CODE.protocol };

describe('a peer that acknowledges everything up to the newest packet it saw is closed with PROTOCOL within a period', () => {
  test('whatever its seed, when it says so at last', () => {
    let longest = 0;
    for (let seed = 0; seed < 10_000; seed++) {
      const one = new Pinging(seed);
      let sent = 1;
      while (!one.ping()) sent++;
      longest = Math.max(longest, sent);
      if (one.acknowledge({ start: one.first, end: one.newest + 1 })) expect.fail(`seed ${seed} bears it`);
      expect(one.session.end).toMatchObject(PROTOCOL_BROKEN);
    }
    expect(longest).toBeLessThan(PERIOD);
  });

  test('also when it says so after every packet', () => {
    for (let seed = 0; seed < 100; seed++) {
      const one = new Pinging(seed);
      let sent = 1;
      for (; one.acknowledge({ start: one.first, end: one.newest + 1 }); sent++) one.ping();
      expect(one.session.end).toMatchObject(PROTOCOL_BROKEN);
      expect(sent).toBeLessThanOrEqual(PERIOD);
    }
  });

  test('also when it begins to lie late, and names only what is new', () => {
    const one = new Pinging(1);
    let start = one.first;
    let skipped = 0;
    while (skipped < 10) {
      if (!one.ping()) continue;
      expect(one.acknowledge({ start: one.newest, end: one.newest + 1 }, { start, end: one.newest - 1 })).toBe(true);
      start = one.newest;
      skipped++;
    }
    let sent = 0;
    do {
      one.ping();
      sent++;
      if (sent % 64 !== 0) continue;
      if (!one.acknowledge({ start, end: one.newest + 1 })) break;
      start = one.newest;
    } while (sent < 2 * LONGEST_PERIOD);
    expect(one.session.end).toMatchObject(PROTOCOL_BROKEN);
    expect(sent).toBeLessThanOrEqual(LONGEST_PERIOD + 64);
  });
});

test('a lie teaches the sender nothing: its round trip stays what it was, and everything is in flight', () => {
  const one = new Pinging(2);
  while (!one.ping());
  const { bytesInFlight } = one.session;
  expect(one.acknowledge({ start: one.first, end: one.newest + 1 })).toBe(false);
  expect(one.session.rtt.latest).toBeUndefined();
  expect(one.session.bytesInFlight).toBe(bytesInFlight);
});

test('a peer that names all but the number that was skipped is honest', () => {
  const one = new Pinging(3);
  while (!one.ping());
  const { first, newest } = one;
  expect(one.acknowledge({ start: newest, end: newest + 1 }, { start: first, end: newest - 1 })).toBe(true);
  expect(one.session.bytesInFlight).toBe(0);
});
