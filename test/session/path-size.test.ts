import { describe, expect, test } from 'vitest';
import type { Bytes, Millis } from '../../src/base/units.ts';
import { PathSize } from '../../src/session/path-size.ts';

const PLENTY: Bytes = 1_000_000;
const PATIENCE: Millis = 100;

/** A search over a path that carries `mtu`: a probe goes when one is due, and its fate is known one patience later. */
class Search {
  readonly size: PathSize;
  readonly probes: { readonly at: Millis; readonly size: Bytes }[] = [];
  now: Millis = 0;
  lossRate = 0;
  mtu: Bytes;
  #number = 0;

  constructor(limit: Bytes, mtu: Bytes) {
    this.size = new PathSize(limit);
    this.mtu = mtu;
  }

  /** The next packet number. */
  get next(): number {
    return this.#number;
  }

  /** Sends a probe if one is due. */
  probe(left: Bytes = PLENTY): Bytes | undefined {
    const size = this.size.nextProbe(this.now, left, this.lossRate);
    if (size === undefined) return undefined;
    this.probes.push({ at: this.now, size });
    this.size.onProbeSent(this.now, this.#number++, size);
    return size;
  }

  /** An ACK of these packets, besides the newest. */
  ack(...numbers: readonly number[]): void {
    const largest = this.#number++;
    const ranges = [largest, ...numbers].map((number) => ({ start: number, end: number + 1 }));
    this.size.handleAck(this.now, { largest, ranges }, PATIENCE);
  }

  /** Lets time pass in steps of more than one patience; in each, probes and their answers. */
  run(span: Millis): this {
    const until = this.now + span;
    while (this.now < until) {
      const number = this.#number;
      const size = this.probe();
      this.now += PATIENCE + 1;
      if (size !== undefined && size <= this.mtu) this.ack(number);
      else this.ack();
    }
    return this;
  }

  /** Two flights of full packets vanish. */
  vanish(): void {
    const size = this.size.current - 12;
    for (let i = 0; i < 2; i++) {
      const number = this.#number++;
      this.size.onLost({ number, size }, this.#number);
    }
  }

  /** How often each size above the one in use was probed. */
  get triesAbove(): number[] {
    const above = this.probes.map(({ size }) => size).filter((size) => size > this.size.current);
    return [...new Set(above)].map((size) => above.filter((other) => other === size).length);
  }
}

describe('the search', () => {
  test('finds the limit with one probe where the path carries it', () => {
    const search = new Search(8972, 9000);
    expect(search.size.current).toBe(1200);
    search.run(60_000);
    expect(search.size.current).toBe(8972);
    expect(search.probes).toEqual([{ at: 0, size: 8972 }]);
  });

  test.each([
    [65_507, 1300, 1252],
    [8972, 1472, 1472],
    [1472, 1471, 1452],
    [1472, 1231, 1200],
    [1472, 1200, 1200],
  ])('with a limit of %d over a path of %d finds %d, each size above tried 3 times', (limit, mtu, found) => {
    const search = new Search(limit, mtu).run(60_000);
    expect(search.size.current).toBe(found);
    expect(new Set(search.triesAbove)).toEqual(new Set([3]));
  });

  test('tries more often where many are lost, or chance alone would rule a size out', () => {
    const search = new Search(1472, 1252);
    search.lossRate = 0.3;
    search.run(60_000);
    expect(new Set(search.triesAbove)).toEqual(new Set([6]));
  });

  test('tries one size no more often than once a second, and has something larger than the base long before that', () => {
    const search = new Search(1472, 1252).run(PATIENCE * 10);
    expect(search.size.current).toBe(1252);
    search.run(20_000);
    for (const { size, at } of search.probes) {
      const same = search.probes.filter((other) => other.size === size && other.at > at);
      expect(Math.min(...same.map((other) => other.at - at))).toBeGreaterThanOrEqual(1000);
    }
  });

  test('looks again after ten minutes: paths change', () => {
    const search = new Search(1472, 1252).run(590_000);
    expect(search.size.current).toBe(1252);
    search.mtu = 1500;
    search.run(100_000);
    expect(search.size.current).toBe(1472);
  });

  test('goes on upward after a probe was lost by chance', () => {
    const search = new Search(8972, 1000).run(PATIENCE);
    search.mtu = 9000;
    search.run(PATIENCE);
    expect(search.size.current).toBe(8952);
    search.run(2000);
    expect(search.size.current).toBe(8972);
  });

  test('sends no second probe while one is out, and takes none for lost before a later packet arrived late enough', () => {
    const search = new Search(1472, 1000);
    expect(search.probe()).toBe(1472);
    search.now = 10_000;
    expect(search.probe()).toBeUndefined(); // nothing was heard: the path may be down
    search.now = PATIENCE;
    search.ack();
    expect(search.probe()).toBeUndefined();
    search.now = PATIENCE + 1;
    search.ack();
    expect(search.probe()).toBe(1452);
  });

  test.each([
    [9599, undefined],
    [9600, 8972],
    [65_506, 32_740],
    [65_507, 65_507],
  ])('with %d bytes left to send the first probe has %s: no more than that, and none for a handful', (left, size) => {
    expect(new Search(65_507, 65_507).probe(left)).toBe(size);
  });
});

describe('a path that shrank', () => {
  test('falls back to the base and finds what is left at once', () => {
    const search = new Search(8972, 9000).run(5000);
    search.mtu = 1300;
    search.vanish();
    expect(search.size.current).toBe(1200);
    expect(search.probe()).toBeUndefined(); // not before something is heard again
    search.ack();
    search.run(2000);
    expect(search.size.current).toBe(1252);
  });

  test('does not try again what was in vain before', () => {
    const search = new Search(65_507, 9000).run(60_000);
    expect(search.size.current).toBe(8972);
    search.probes.length = 0;
    search.vanish();
    search.run(60_000);
    expect(search.size.current).toBe(8972);
    expect(search.probes.map(({ size }) => size)).toEqual([8972]);
  });

  test('where probes pass and data does not, searches ever more rarely', () => {
    const search = new Search(1472, 1500);
    const raisedAt: Millis[] = [];
    for (let i = 0; i < 12; i++) {
      while (search.size.current === 1200) search.run(PATIENCE);
      raisedAt.push(search.now);
      search.vanish();
    }
    const gaps = raisedAt.slice(1).map((at, i) => at - (raisedAt[i] as number));
    for (const [i, floor] of [0, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000].entries()) {
      expect(gaps[i]).toBeGreaterThan(floor);
      expect(gaps[i]).toBeLessThan(floor + 10 * PATIENCE);
    }
  });

  test('data that arrives at full size ends the suspicion', () => {
    const search = new Search(1472, 1500).run(1000);
    for (let i = 0; i < 5; i++) {
      search.vanish();
      search.run(3 * PATIENCE);
      expect(search.size.current).toBe(1472);
      search.size.onAcked({ number: search.next + 100 * i, size: 1460 });
    }
  });
});

describe('a datagram that the system calls too big', () => {
  test('as a probe is never tried again; what held goes on to hold', () => {
    const search = new Search(8972, 1472).run(1000);
    expect(search.size.current).toBe(1472);
    search.now = 10_000;
    const size = search.probe() as Bytes;
    expect(size).toBeGreaterThan(1472);
    search.size.onTooBig(search.now, search.next);
    expect(search.size.current).toBe(1472);
    search.probes.length = 0;
    search.run(1_500_000);
    expect(search.probes.filter((probe) => probe.size >= size)).toEqual([]);
  });

  test('as data means the base, and a search below', () => {
    const search = new Search(8972, 9000).run(1000);
    search.size.onTooBig(search.now, search.next);
    expect(search.size.current).toBe(1200);
    search.mtu = 1452;
    search.run(3000);
    expect(search.size.current).toBe(1452);
    expect(search.probes.filter(({ size }) => size === 8972)).toHaveLength(1);
  });

  test('at the base means nothing', () => {
    const search = new Search(1200, 1200);
    search.size.onTooBig(0, 0);
    expect(search.size.current).toBe(1200);
  });
});

test('another path is searched from the start', () => {
  const search = new Search(8972, 1472).run(60_000);
  search.mtu = 9000;
  search.size.reset(search.next);
  expect(search.size.current).toBe(1200);
  search.run(PATIENCE);
  expect(search.size.current).toBe(8972);
});
