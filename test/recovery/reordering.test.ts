import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lossDelay, Reordering } from '../../src/recovery/reordering.ts';
import { RttEstimator } from '../../src/recovery/rtt-estimator.ts';
import { SendingSide } from './sending-side.ts';

const steadyRtt = (): RttEstimator => {
  const rtt = new RttEstimator();
  for (let i = 0; i < 200; i++) rtt.sample(100, 0);
  return rtt;
};

describe('without reordering', () => {
  test('the thresholds are those of RFC 9002 section 6.1', () => {
    const reordering = new Reordering();
    expect(reordering.packetThreshold).toBe(3);
    expect(lossDelay(steadyRtt(), reordering)).toBeCloseTo(112.5, 6);
  });
});

describe('a loss that was none', () => {
  test.each([
    { distance: 3, inFlight: 100, threshold: 4 },
    { distance: 20, inFlight: 100, threshold: 21 },
    { distance: 80, inFlight: 100, threshold: 50 },
    { distance: 20, inFlight: 4, threshold: 3 },
  ])('overtaken by $distance of $inFlight in flight: threshold $threshold', ({ distance, inFlight, threshold }) => {
    const reordering = new Reordering();
    reordering.onSent(inFlight);
    reordering.onSpurious(100, distance, 50, 112);
    expect(reordering.packetThreshold).toBe(threshold);
  });

  test('later than the time threshold: a quarter of the shortest round trip more, once a round trip, up to one', () => {
    const rtt = steadyRtt();
    const reordering = new Reordering();
    const extra: number[] = [];
    for (const now of [200, 210, 350, 500, 650, 800, 950]) {
      reordering.onSpurious(now, 0, 130, 120);
      extra.push(reordering.extraDelay(rtt));
    }
    expect(extra).toEqual([25, 25, 50, 75, 100, 100, 100]);
  });

  test('in time for the time threshold: that stays as it is', () => {
    const reordering = new Reordering();
    reordering.onSpurious(200, 5, 110, 112);
    expect(reordering.extraDelay(steadyRtt())).toBe(0);
  });
});

test('sixteen episodes of true losses bring the thresholds half way down, and at last to where they were', () => {
  const reordering = new Reordering();
  reordering.onSent(1000);
  reordering.onSpurious(200, 20, 130, 120);
  reordering.onSpurious(400, 20, 130, 120);
  const after = (episodes: number): number => {
    for (let i = 0; i < episodes; i++) reordering.onEpisode();
    return reordering.packetThreshold;
  };
  expect([after(15), after(1), after(16), after(160)]).toEqual([21, 10, 5, 3]);
  expect(reordering.extraDelay(steadyRtt())).toBe(0);
});

test('whatever is seen, the thresholds stay within their bounds', () => {
  const amount = fc.double({ min: 0, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(amount, fc.nat(1e6), amount, amount, fc.nat(2000))), (events) => {
      const reordering = new Reordering();
      const rtt = steadyRtt();
      let most = 0;
      for (const [now, distance, age, delay, inFlight] of events) {
        reordering.onSent(inFlight);
        most = Math.max(most, inFlight);
        reordering.onSpurious(now, distance, age, delay);
        expect(reordering.packetThreshold).toBeGreaterThanOrEqual(3);
        expect(reordering.packetThreshold).toBeLessThanOrEqual(Math.max(3, most / 2));
        expect(lossDelay(rtt, reordering)).toBeLessThanOrEqual(212.5 + 1e-6);
      }
    }),
  );
});

describe('selective repeat on a path that reorders', () => {
  const samples = new Array<number>(200).fill(100);

  test('makes the same mistake once', () => {
    const side = new SendingSide('selective-repeat', { samples }).send(...new Array<number>(20).fill(0));
    side.ack(100, [5]);
    expect(side.lost).toEqual([0, 1, 2]);
    side.ack(101, [5, 4, 3, 2, 1, 0]);
    side.ack(102, [...new Array(20).keys()]);
    side.send(...new Array<number>(20).fill(200));
    side.ack(300, [25]);
    expect(side.lost).toEqual([0, 1, 2]);
    side.ack(301, [26]);
    expect(side.lost).toEqual([0, 1, 2, 20]);
  });

  test('tells the controller when every loss of an episode was none', () => {
    const undone: number[] = [];
    const side = new SendingSide('selective-repeat', { samples }).send(...new Array<number>(20).fill(0));
    Object.assign(side.controller, { onSpuriousLosses: () => undone.push(side.recovery.spuriousLosses) });
    side.ack(100, [5]);
    side.ack(101, [5, 1, 0]);
    expect(undone).toEqual([]);
    side.ack(102, [5, 2]);
    expect(undone).toEqual([3]);
  });
});
