import { describe, expect, test } from 'vitest';
import type { Frame } from '../../src/wire/frames.ts';
import { ADDRESSES, Pair } from './pair.ts';

const PING: Frame = { kind: 'ping' };
const HOUR = 3_600_000;

describe('ping()', () => {
  test('of a peer that is there is heard of within a round trip', () => {
    const pair = new Pair().warm();
    const heardAt = pair.acceptor.heardAt;
    pair.run(1000);
    expect(pair.acceptor.heardAt).toBe(heardAt);
    pair.acceptor.ping();
    pair.run(100);
    expect(pair.acceptor.heardAt).toBe(pair.now);
  });

  test('of a peer that is gone is not, and of a session that is over is nothing', () => {
    const pair = new Pair().warm();
    pair.run(1000);
    const heardAt = pair.acceptor.heardAt;
    pair.loses = () => true;
    pair.acceptor.ping();
    pair.run(2000);
    expect(pair.acceptor.heardAt).toBe(heardAt);
    pair.acceptor.close(pair.now, 3);
    pair.run(2000);
    pair.log.length = 0;
    pair.acceptor.ping();
    pair.run(0);
    expect(pair.log).toEqual([]);
  });
});

describe('silence', () => {
  test('of both applications for a day ends nothing: somebody asks every ten seconds', () => {
    const pair = new Pair().warm();
    pair.run(24 * HOUR);
    expect([pair.initiator.end, pair.acceptor.end]).toEqual([undefined, undefined]);
    const asked = pair.log.filter((datagram) => pair.framesOf(datagram).some(({ kind }) => kind === 'ping'));
    expect(asked.length).toBeGreaterThan(24 * 200);
    expect(asked.length).toBeLessThanOrEqual(24 * 2 * 360);
  });

  test('of the network ends the session exactly when the idle timeout is over', () => {
    const pair = new Pair({ idleTimeout: 30_000 }).warm();
    pair.loses = () => true;
    const silentSince = pair.now - 50; // the last thing the initiator heard: the ACK of its first PING came at 100
    expect(silentSince).toBe(150);
    pair.run(29_899);
    expect(pair.initiator.end).toBeUndefined();
    pair.run(1);
    expect(pair.initiator.end).toMatchObject({ by: 'silence', code: 0 });
  });

  test('ends it without another word, and then nothing happens any more', () => {
    const pair = new Pair().warm();
    pair.loses = () => true;
    pair.write('initiator', 5000).run(40_000);
    expect([pair.initiator.end?.by, pair.acceptor.end?.by]).toEqual(['silence', 'silence']);
    pair.log.length = 0;
    pair.run(HOUR);
    expect(pair.log).toEqual([]);
    expect([pair.initiator.pollTimeout(), pair.acceptor.pollTimeout()]).toEqual([undefined, undefined]);
    expect([pair.initiator.isGone(pair.now), pair.initiator.farewellSaid]).toEqual([true, true]);
  });

  test('shorter than the idle timeout is survived, and the transfer goes on', () => {
    const pair = new Pair().warm();
    pair.write('initiator', 200_000).run(240);
    pair.loses = () => true;
    pair.run(29_000);
    pair.loses = () => false;
    pair.initiator.finish();
    pair.runUntil(() => pair.initiator.writeFinished, 10_000);
    expect(pair.received('acceptor')).toBe(200_000);
  });

  test('the smaller of both sides’ timeouts holds for both', () => {
    const pair = new Pair({}, { initiator: { idleTimeout: 60_000 }, acceptor: { idleTimeout: 3000 } }).warm();
    pair.loses = () => true;
    pair.run(3100);
    expect([pair.initiator.end?.by, pair.acceptor.end?.by]).toEqual(['silence', 'silence']);
  });
});

describe('what keeps a session alive', () => {
  /** Has heard nothing for 20 s, then this, then nothing for 20 s more. */
  const survives = (hear: (pair: Pair) => void): boolean => {
    const pair = new Pair({ idleTimeout: 30_000 }).warm().alone('acceptor');
    pair.forge('acceptor', 5_000_000, [PING]);
    pair.run(20_000);
    hear(pair);
    pair.run(20_000);
    return pair.acceptor.end === undefined;
  };

  test('a packet of the peer', () => {
    expect(survives((pair) => pair.forge('acceptor', 5_000_001, [PING]))).toBe(true);
  });

  test.each<{ name: string; hear: (pair: Pair) => void }>([
    { name: 'nothing', hear: () => {} },
    {
      name: 'a copy of one that came: anyone can send that',
      hear: (pair) => pair.forge('acceptor', 5_000_000, [PING]),
    },
    { name: 'a packet too short for a frame', hear: (pair) => pair.forge('acceptor', 5_000_001, []) },
    {
      name: 'noise',
      hear: (pair) => pair.inject(ADDRESSES.initiator, ADDRESSES.acceptor, new Uint8Array(100).fill(0x40)),
    },
  ])('not $name', ({ hear }) => {
    expect(survives(hear)).toBe(false);
  });
});
