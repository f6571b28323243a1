import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pacing } from '../../src/recovery/pacing.ts';
import { RttEstimator } from '../../src/recovery/rtt-estimator.ts';

const SIZE = 1000;
const ROUND_TRIP = 40;
/** Milliseconds of a busy machine's delay that are made up for: a quarter of the round trip. */
const CATCH_UP = ROUND_TRIP / 4;

function create(pacingRate: number | undefined, maxRate: number | undefined, roundTrip = ROUND_TRIP): Pacing {
  const rtt = new RttEstimator();
  rtt.sample(roundTrip, 0);
  return new Pacing({ controller: { pacingRate }, rtt, maxRate, minimumBurst: 2 * SIZE });
}

/** Sends as soon as it may, but is held up at some deadlines; returns when each datagram left. */
function flood(pacing: Pacing, count: number, delays: readonly number[] = [0]): number[] {
  const times: number[] = [];
  let now = 0;
  for (let i = 0; times.length < count; i++) {
    const at = pacing.nextAt(now);
    if (at > now) {
      now = at + (delays[i % delays.length] as number);
      continue;
    }
    pacing.onSent(now, SIZE, true);
    times.push(now);
  }
  return times;
}

/** The most that left within any span of so many milliseconds. */
function mostWithin(times: readonly number[], span: number): number {
  return Math.max(...times.map((from) => times.filter((time) => time >= from && time <= from + span).length)) * SIZE;
}

describe('the rate of the controller', () => {
  test.each([1, 10, 100, 1000])('at %d datagrams per ms no millisecond carries more than three of them', (perMilli) => {
    const times = flood(create(perMilli * SIZE, undefined), 2000);
    expect(mostWithin(times, 1)).toBeLessThanOrEqual((3 * perMilli + 3) * SIZE);
  });

  test.each([5, 10])('is kept on average by a machine that wakes up %d ms late', (late) => {
    const times = flood(create(10 * SIZE, undefined), 2000, [late]);
    expect(times.at(-1)).toBeLessThan(1.05 * 200);
  });

  test('a machine that is later than that bursts no more than a quarter of a round trip', () => {
    const times = flood(create(10 * SIZE, undefined), 500, [500]);
    expect(mostWithin(times, 0)).toBeLessThanOrEqual((10 + 2) * 10 * SIZE + SIZE);
  });

  test('after silence no more than two milliseconds leave at once', () => {
    const pacing = create(10 * SIZE, undefined);
    flood(pacing, 100);
    pacing.release();
    let sent = 0;
    for (; pacing.nextAt(5000) <= 5000; sent++) pacing.onSent(5000, SIZE, true);
    expect(sent).toBe(20);
  });
});

describe('a cap', () => {
  const scenario = fc.record({
    controller: fc.option(fc.integer({ min: 1, max: 50_000 }), { nil: undefined }),
    cap: fc.integer({ min: 10, max: 20_000 }),
    delays: fc.array(fc.constantFrom(0, 0, 1, 7, 60), { minLength: 1, maxLength: 5 }),
  });

  test('holds over any span but for what a delay is made up for, however late the machine is', () => {
    fc.assert(
      fc.property(scenario, ({ controller, cap, delays }) => {
        const times = flood(create(controller, cap), 150, delays);
        // What left up to a datagram, less what the cap allows for the time, never rises by more than the burst.
        const ahead = times.map((time, i) => (i + 1) * SIZE - time * cap);
        let lowest = Number.POSITIVE_INFINITY;
        let most = 0;
        for (const bytes of ahead) {
          lowest = Math.min(lowest, bytes - SIZE);
          most = Math.max(most, bytes - lowest);
        }
        const burst = Math.max(2 * SIZE, 2 * cap) + CATCH_UP * cap;
        expect(most).toBeLessThanOrEqual((burst + SIZE) * (1 + 1e-9) + 1);
      }),
    );
  });

  test.each([1, 2.5, 5])('is reached by a machine that wakes up %d ms late', (late) => {
    const times = flood(create(undefined, 2.5 * SIZE), 500, [late]);
    expect(times.at(-1)).toBeGreaterThan(0.98 * 200);
    expect(times.at(-1)).toBeLessThan(1.05 * 200);
  });

  test('counts what is not paced', () => {
    const pacing = create(undefined, 100);
    for (let i = 0; i < 50; i++) pacing.onSent(0, SIZE, false);
    expect(pacing.nextAt(0)).toBeGreaterThan(470);
    expect(pacing.isHeldBack).toBe(false);
  });

  test('tells who holds a datagram back', () => {
    const slow = create(100, 1000);
    flood(slow, 5);
    expect([slow.nextAt(0) > 0, slow.isHeldBack]).toEqual([true, true]);
  });
});
