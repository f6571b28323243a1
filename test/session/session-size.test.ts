import { describe, expect, test } from 'vitest';
import type { Bytes, Millis } from '../../src/base/units.ts';
import type { SessionConfig } from '../../src/session/config.ts';
import { ADDRESSES, Pair, type Seen } from './pair.ts';

const isSizeProbe = ({ frames, size }: Seen): boolean => size > 1200 && frames[0]?.kind === 'ping';
const hasData = ({ frames }: Seen): boolean => frames.some(({ kind }) => kind === 'data');
/** What a full packet with DATA leaves of the size in use: room for a longer tag. */
const TAG_ROOM: Bytes = 12;

/** A pair over a path that carries so much at first; `mtu` may be changed. */
class Path extends Pair {
  mtu: Bytes;

  constructor(mtu: Bytes, both: Partial<SessionConfig> = {}, sendLimit?: Bytes) {
    super({ maxDatagram: 9000, ...both }, sendLimit === undefined ? {} : { initiator: { sendLimit } });
    this.mtu = mtu;
    this.loses = ({ bytes }) => bytes.length > this.mtu;
  }

  /** Sizes of the probes that the initiator sent. */
  get probes(): Bytes[] {
    return this.sent('initiator')
      .filter(isSizeProbe)
      .map(({ size }) => size);
  }

  /** The largest datagram with DATA that the initiator sent in the last moments. */
  largestData(span: Millis): Bytes {
    const late = this.sent('initiator').filter((seen) => hasData(seen) && seen.at > this.now - span);
    return Math.max(...late.map(({ size }) => size));
  }
}

describe('a session', () => {
  test('sends full size one round trip after its first bulk data', () => {
    const path = new Path(9000);
    path.warm().write('initiator', 4_000_000).run(99);
    expect(path.initiator.datagramSize).toBe(1200);
    expect(path.largestData(99)).toBeLessThanOrEqual(1200);
    path.run(2);
    expect(path.initiator.datagramSize).toBe(9000);
    path.run(500);
    expect(path.largestData(50)).toBe(9000 - TAG_ROOM);
  });

  test.each([
    { limit: 'its own limit', maxDatagram: 9000, sendLimit: 1472, most: 1472 },
    { limit: 'what was agreed', maxDatagram: 1400, sendLimit: 9000, most: 1400 },
    { limit: 'the base, where that is all', maxDatagram: 1200, sendLimit: 9000, most: 1200 },
  ])('never exceeds $limit, not even in a probe', ({ maxDatagram, sendLimit, most }) => {
    const path = new Path(65_507, { maxDatagram }, sendLimit);
    path.transfer(200_000, 60_000);
    expect(Math.max(...path.sent('initiator').map(({ size }) => size))).toBeLessThanOrEqual(most);
    expect(path.initiator.datagramSize).toBe(most);
  });

  test('does not search for a few bytes', () => {
    const path = new Path(9000);
    path.transfer(1024, 10_000);
    expect(path.probes).toEqual([]);
  });

  test.each(['selective-repeat', 'go-back-n', 'stop-and-wait'] as const)(
    'under %s: probes that vanish cost no window, no resending and no timeout',
    (arq) => {
      const lossless = new Path(9000, { arq, maxDatagram: 1200 });
      const path = new Path(1200, { arq });
      const took = lossless.transfer(400_000, 600_000);
      const longer = path.transfer(400_000, 600_000) - took;
      expect(path.probes.length).toBeGreaterThan(2);
      expect(path.initiator.stats).toMatchObject({ packetsLost: 0, dataResent: 0, probesSent: 0 });
      expect(path.initiator.cwnd).toBeGreaterThan(0.9 * lossless.initiator.cwnd);
      expect(longer).toBeLessThan(0.3 * took);
    },
  );

  test.each(['new-reno', 'cubic', 'bbr'] as const)('%s: a larger size alone makes cwnd no larger', (congestion) => {
    const path = new Path(9000, { congestion });
    const same = new Path(9000, { congestion, maxDatagram: 1200 });
    for (const each of [path, same]) each.warm().write('initiator', 2_000_000).run(110);
    expect(path.initiator.datagramSize).toBe(9000);
    expect(path.initiator.cwnd).toBeLessThanOrEqual(same.initiator.cwnd);
  });

  test('cuts datagrams smaller while cwnd has room for few', () => {
    const path = new Path(65_507, { maxDatagram: 65_507 });
    path.warm().write('initiator', 1_000_000).run(400);
    expect(path.initiator.datagramSize).toBe(65_507);
    expect(path.largestData(300)).toBeLessThanOrEqual(path.initiator.cwnd / 4);
    expect(path.largestData(300)).toBeGreaterThan(1200);
  });

  test.each([
    ['selective-repeat', 16_384],
    ['selective-repeat', 8],
    ['go-back-n', 64],
    ['stop-and-wait', 1],
  ] as const)('%s with a window of %d gets over a path that shrinks under it', (arq, window) => {
    const path = new Path(9000, { arq, window, idleTimeout: 60_000 });
    path.write('initiator', 1000 * window + 3_000_000).run(350);
    expect(path.initiator.datagramSize).toBe(9000);
    path.mtu = 1452;
    path.run(6000);
    expect(path.initiator.datagramSize).toBe(1452);
    path.initiator.finish();
    path.runUntil(() => path.initiator.writeFinished, 600_000);
    expect(path.received('acceptor')).toBe(1000 * window + 3_000_000);
  });

  test('keeps its size through a time in which nothing arrives', () => {
    const path = new Path(9000);
    path.write('initiator', 3_000_000).run(600);
    path.mtu = 0;
    path.run(5000);
    path.mtu = 9000;
    path.run(4000);
    expect(path.initiator.datagramSize).toBe(9000);
    expect(path.probes).toEqual([9000]);
  });

  test('asks again in small datagrams when a timeout expires', () => {
    const path = new Path(9000);
    path.write('initiator', 3_000_000).run(600);
    path.mtu = 0;
    path.run(100);
    path.log.length = 0;
    path.run(3000);
    const asked = path.sent('initiator').filter(hasData);
    expect(asked.length).toBeGreaterThanOrEqual(2);
    expect(Math.max(...asked.map(({ size }) => size))).toBeLessThanOrEqual(1200);
  });

  test('believes the system at once that a datagram was too big', () => {
    const path = new Path(9000);
    path.write('initiator', 3_000_000).run(300);
    path.initiator.handleTooBig(path.now);
    expect(path.initiator.datagramSize).toBe(1200);
    path.mtu = 8999;
    path.run(3000);
    expect(path.initiator.datagramSize).toBe(8972);
    expect(path.probes.filter((size) => size === 9000)).toHaveLength(1);
  });

  test('starts anew on a path to another host', () => {
    const path = new Path(9000).warm() as Path;
    path.write('acceptor', 3_000_000).run(300);
    expect(path.acceptor.datagramSize).toBe(9000);
    path.mtu = 1452;
    path.rebind(ADDRESSES.initiator, '10.0.0.77:5000');
    path.write('initiator', 10).run(100);
    expect(path.acceptor.datagramSize).toBe(1200);
    path.run(3000);
    expect(path.acceptor.datagramSize).toBe(1452);
  });
});
