import { describe, expect, test } from 'vitest';
import { Pair, type Seen } from './pair.ts';

const hasData = ({ frames }: Seen): boolean => frames.some(({ kind }) => kind === 'data');

/** How many packets with DATA leave in one instant. */
function burst(pair: Pair): number {
  pair.log.length = 0;
  return pair.write('initiator', 1_000_000).settle() && pair.sent('initiator').filter(hasData).length;
}

describe('pacing', () => {
  test.each([
    { maxDatagram: 1200, most: 11 },
    { maxDatagram: 9000, most: 3 },
  ])(
    'datagrams of $maxDatagram after a pause: no more than an initial window at once (RFC 9002 section 7.7)',
    ({ maxDatagram, most }) => {
      const pair = new Pair({ maxDatagram }).warm();
      pair.write('initiator', 150_000).run(15_000);
      expect(pair.initiator.unacknowledged).toBe(0);
      expect(pair.initiator.cwnd).toBeGreaterThan(100_000);
      expect(burst(pair)).toBeLessThanOrEqual(most);
    },
  );

  test('a rate that was set is kept, whatever congestion control would let out', () => {
    const pair = new Pair({ maxRate: 10, minimumBurst: 1200 }).warm();
    pair.write('initiator', 1_000_000).run(1000);
    const bytes = pair.sent('initiator').reduce((sum, { size }) => sum + size, 0);
    expect(bytes).toBeGreaterThan(9000);
    expect(bytes).toBeLessThanOrEqual(10 * 1000 + 2 * 1200);
  });
});

describe('the window', () => {
  test('grows only while it was the limit: an application that says little earns nothing (RFC 9002 section 7.8)', () => {
    const pair = new Pair({ congestion: 'new-reno' }).warm();
    const before = pair.initiator.cwnd;
    for (let i = 0; i < 200; i++) pair.write('initiator', 500).run(50);
    expect(pair.initiator.cwnd).toBe(before);
  });

  test('does not grow while the peer’s credit was the limit', () => {
    const pair = new Pair({ congestion: 'new-reno', creditWindow: 5000, maxCreditWindow: 5000 }).warm();
    const before = pair.initiator.cwnd;
    pair.transfer(200_000, 30_000);
    expect(pair.initiator.cwnd).toBe(before);
  });

  test('doubles with each round trip at first', () => {
    const pair = new Pair().warm();
    pair.write('initiator', 1_000_000).run(50);
    const before = pair.initiator.cwnd;
    pair.run(120);
    expect(pair.initiator.cwnd).toBeGreaterThan(1.9 * before);
  });
});

test('of two probes one repeats the oldest bytes: a peer that keeps no more holes answers to nothing else', () => {
  const pair = new Pair().warm();
  pair.write('initiator', 20 * 1157).settle();
  pair.transit = [];
  pair.loses = () => true;
  const before = pair.offsets('initiator').length;
  pair.write('initiator', 100 * 1157).run(400);
  expect(pair.initiator.stats.probesSent).toBeGreaterThanOrEqual(2);
  expect(pair.offsets('initiator').slice(before)).toContain(0);
});

test('probes carry no new bytes beyond the ARQ window', () => {
  const pair = new Pair({ window: 20, congestion: 'fixed' }).warm();
  pair.write('initiator', 100 * 1157).settle();
  pair.transit = [];
  pair.run(90);
  pair.loses = () => true;
  pair.run(5000);
  expect(pair.initiator.stats.probesSent).toBeGreaterThan(4);
  expect(Math.max(...pair.offsets('initiator'))).toBe(19 * 1157);
});

test('statistics tell first copies from repeated ones', () => {
  const pair = new Pair({ congestion: 'fixed' }).warm();
  let count = 0;
  pair.loses = ({ bytes }) => bytes.length > 500 && ++count === 3;
  pair.transfer(20 * 1157, 2000);
  // Twice: the second copy is an early probe.
  expect(pair.initiator.stats).toMatchObject({ dataSent: 22, dataResent: 2, packetsLost: 1, spuriousLosses: 0 });
});
