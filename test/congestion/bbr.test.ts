import { describe, expect, test } from 'vitest';
import { type LinkOptions, OneLink } from './one-link.ts';

/** 100 packets of 1000 bytes fill the pipe. */
const LINK: LinkOptions = { rate: 1000, roundTrip: 100, queue: 100_000 };
const BDP = 100_000;

const phases = (link: OneLink): string[] => link.steps.map(({ phase }) => phase);

/** When a phase began for the first time after `from`. */
function began(link: OneLink, phase: string, from = 0): number {
  return link.steps.find((step) => step.phase === phase && step.at >= from)?.at ?? Number.NaN;
}

describe('on a link of its own', () => {
  const link = new OneLink(LINK).run(20_000);

  test('finds the rate, empties the queue, then cruises, fills up, probes and slows down in turn', () => {
    const [startup, drain, ...cycle] = phases(link);
    expect([startup, drain]).toEqual(['startup', 'drain']);
    expect(cycle.slice(0, 8)).toEqual(['cruise', 'refill', 'up', 'down', 'cruise', 'refill', 'up', 'down']);
  });

  test('startup doubles every round trip, and ends two after the pipe was full', () => {
    // From 64 packets to 200 in flight takes 2 round trips of 100 ms; then they take 200 ms.
    expect(began(link, 'drain')).toBeGreaterThan(300);
    expect(began(link, 'drain')).toBeLessThan(800);
  });

  test('draining takes about a round trip', () => {
    expect(began(link, 'cruise') - began(link, 'drain')).toBeLessThan(250);
  });

  test('probes every 2 to 3 seconds, or after 63 round trips', () => {
    const refills = link.steps.filter(({ phase }) => phase === 'refill').map(({ at }) => at);
    expect(refills.length).toBeGreaterThanOrEqual(5);
    const spans = refills.slice(1).map((at, i) => at - (refills[i] as number));
    for (const span of spans) expect(span).toBeGreaterThan(2000);
    for (const span of spans) expect(span).toBeLessThan(4000);
  });

  test('refilling takes one round trip', () => {
    const refill = began(link, 'refill');
    expect(began(link, 'up') - refill).toBeGreaterThanOrEqual(100);
    expect(began(link, 'up') - refill).toBeLessThan(250);
  });

  test('has no need to empty the queue to measure: it sees the shortest round trip all the time', () => {
    expect(phases(link)).not.toContain('probe-rtt');
  });
});

test.each<LinkOptions & { readonly name: string }>([
  { name: 'deep queue', ...LINK, queue: 10 * BDP },
  { name: 'shallow queue', ...LINK, queue: 0.2 * BDP },
  { name: '1 % random loss', ...LINK, loss: 0.01 },
  { name: '5 % random loss', ...LINK, loss: 0.05 },
  { name: '20 % random loss', ...LINK, loss: 0.2 },
  { name: 'slow', rate: 10, roundTrip: 200, queue: 20_000 },
  { name: 'fast', rate: 10_000, roundTrip: 10, queue: 100_000 },
])('cruises at the rate of the link: $name', ({ rate, roundTrip, queue, loss = 0 }) => {
  const link = new OneLink({ rate, roundTrip, queue, loss });
  let low = 0;
  let looks = 0;
  for (let at = 8000; at <= 28_000; at += 50) {
    link.run(at);
    if (link.controller.phase !== 'cruise') continue;
    looks++;
    if (link.controller.pacingRate < 0.9 * rate || link.controller.pacingRate > 1.1 * rate) low++;
  }
  expect(looks).toBeGreaterThan(100);
  expect(low / looks).toBeLessThan(0.1);
});

test.each([
  { every: 20, lasts: 10 },
  { every: 40, lasts: 25 },
  { every: 100, lasts: 60 },
])('a machine that is busy $lasts of every $every ms does not take its own slowness for the path’s', (stall) => {
  const link = new OneLink({ rate: 10_000, roundTrip: 50, queue: 500_000, stall }).run(20_000);
  expect(link.controller.pacingRate).toBeGreaterThan(8000);
});

test('30 % random loss takes no more than its share', () => {
  const link = new OneLink({ ...LINK, loss: 0.3 }).run(5000);
  let sum = 0;
  for (let at = 5050; at <= 65_000; at += 50) sum += link.run(at).controller.pacingRate;
  expect(sum / 1200).toBeGreaterThan(0.6 * LINK.rate);
});

test('a rate that is given is in use after one round trip', () => {
  const link = new OneLink({ rate: 10_000, roundTrip: 50, queue: 500_000, startRate: 10_000 }).run(150);
  expect(link.controller.pacingRate).toBeGreaterThan(9000);
  expect(link.overflow).toBe(0);
});

test('a rate that is given and is too much by far is given up within a few round trips', () => {
  const link = new OneLink({ rate: 1000, roundTrip: 50, queue: 50_000, startRate: 20_000 }).run(1000).forgetOverflow();
  link.run(6000);
  expect(link.controller.pacingRate).toBeLessThan(1300);
  expect(link.overflow).toBeLessThan(0.05);
});

test('keeps a deep queue almost empty', () => {
  const link = new OneLink({ ...LINK, queue: 10 * BDP }).run(5000);
  let sum = 0;
  for (let at = 5050; at <= 25_000; at += 50) sum += link.run(at).queue;
  expect(sum / 400).toBeLessThan(0.3 * BDP);
});

test('takes losses of its own acceleration for what they are: a shallow queue does not overflow for long', () => {
  const link = new OneLink({ ...LINK, queue: 0.2 * BDP }).run(5000).forgetOverflow().run(25_000);
  expect(link.overflow).toBeLessThan(0.02);
});

test('random loss does not end startup before the pipe is full', () => {
  const clean = new OneLink({ ...LINK, queue: 10 * BDP }).run(10_000);
  const windows = [1, 2, 3, 4, 5].map((seed) => {
    const lossy = new OneLink({ ...LINK, queue: 10 * BDP, loss: 0.05, seed }).run(10_000);
    expect(began(lossy, 'drain')).toBeLessThan(1.5 * began(clean, 'drain'));
    return lossy.controller.cwnd;
  });
  expect(windows.toSorted((a, b) => a - b)[2]).toBeGreaterThan(BDP);
});

describe('when the link changes', () => {
  test('a longer path: after five seconds the queue is emptied to look, and for 200 ms', () => {
    const link = new OneLink(LINK).run(6000).change({ roundTrip: 150 }).run(13_000);
    expect(link.steps.findLast(({ at }) => at < 6000)?.phase).toBe('cruise'); // without a queue
    const start = began(link, 'probe-rtt', 6000);
    expect(start).toBeGreaterThan(10_000);
    expect(start).toBeLessThan(11_500);
    const end = began(link, 'cruise', start);
    expect(end - start).toBeGreaterThan(200);
    expect(end - start).toBeLessThan(700);
  });

  test('ten times the bandwidth is found', () => {
    const link = new OneLink({ ...LINK, queue: BDP })
      .run(10_000)
      .change({ rate: 10_000, queue: 10 * BDP })
      .run(40_000);
    expect(link.controller.pacingRate).toBeGreaterThan(8000);
  });

  test.each([100, 150, 200, 250, 300, 350, 400])(
    'what is slow for its first %i ms, like a receiver that just began, is not believed for long',
    (until) => {
      const link = new OneLink({ rate: 7500, roundTrip: 10, queue: 375_000 }).run(until).change({ rate: 37_500 });
      expect(link.run(until + 500).controller.pacingRate).toBeGreaterThan(0.8 * 37_500);
    },
  );

  test('a tenth of the bandwidth is adapted to', () => {
    const link = new OneLink({ ...LINK, rate: 10_000, queue: 10 * BDP }).run(10_000).change({ rate: 1000 });
    link.run(30_000).forgetOverflow().run(40_000);
    expect(link.controller.pacingRate).toBeLessThan(1500);
    expect(link.overflow).toBeLessThan(0.05);
  });

  test('nothing arrives for a while: it goes on where it was', () => {
    const link = new OneLink(LINK).run(5000).change({ loss: 1 }).run(8000).change({ loss: 0 }).run(16_000);
    expect(link.controller.pacingRate).toBeGreaterThan(0.8 * LINK.rate);
  });
});
