import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RttEstimator } from '../../src/recovery/rtt-estimator.ts';

/** An estimator that has taken these samples, the peer's delay 0 unless given. */
function sampled(...samples: readonly (readonly [rtt: number, ackDelay?: number])[]): RttEstimator {
  const rtt = new RttEstimator();
  for (const [value, ackDelay = 0] of samples) rtt.sample(value, ackDelay);
  return rtt;
}

describe('RttEstimator', () => {
  test('assumes 333 ms and 1 s of timeout before the first sample (RFC 9002 section 6.2.2, RFC 6298 section 2.1)', () => {
    const rtt = new RttEstimator();
    expect(rtt.latest).toBeUndefined();
    expect(rtt.min).toBe(0);
    expect(rtt.srtt).toBe(333);
    expect(rtt.rttvar).toBe(166.5);
    expect(rtt.rto()).toBe(1000);
    expect(rtt.pto(25)).toBe(333 + 4 * 166.5 + 25);
  });

  // Worked by hand from RFC 6298 section 2 and RFC 9002 section 5.3.
  test.each([
    { name: 'the first sample alone', samples: [[100]], srtt: 100, rttvar: 50, min: 100, rto: 300 },
    { name: 'the same again', samples: [[100], [100]], srtt: 100, rttvar: 37.5, min: 100, rto: 250 },
    {
      name: 'a longer one: the deviation from the old average',
      samples: [[100], [200]],
      srtt: 112.5,
      rttvar: 62.5,
      min: 100,
      rto: 362.5,
    },
    { name: 'a shorter one', samples: [[100], [60]], srtt: 95, rttvar: 47.5, min: 60, rto: 285 },
    {
      name: 'the delay of the first sample is not subtracted',
      samples: [[100, 20]],
      srtt: 100,
      rttvar: 50,
      min: 100,
      rto: 300,
    },
    { name: 'the delay of a later one is', samples: [[100], [140, 40]], srtt: 100, rttvar: 37.5, min: 100, rto: 250 },
    {
      name: 'but not to below the minimum',
      samples: [[100], [139, 40]],
      srtt: 104.875,
      rttvar: 47.25,
      min: 100,
      rto: 293.875,
    },
    {
      name: 'the minimum ignores the delay',
      samples: [[100], [90, 50]],
      srtt: 98.75,
      rttvar: 40,
      min: 90,
      rto: 258.75,
    },
  ] as const)('$name', ({ samples, srtt, rttvar, min, rto }) => {
    const rtt = sampled(...samples);
    expect(rtt.srtt).toBeCloseTo(srtt, 9);
    expect(rtt.rttvar).toBeCloseTo(rttvar, 9);
    expect(rtt.min).toBe(min);
    expect(rtt.latest).toBe(samples.at(-1)?.[0]);
    expect(rtt.rto()).toBeCloseTo(rto, 9);
    expect(rtt.pto(25)).toBeCloseTo(rto + 25, 9);
  });

  test('timeouts stay at least the granularity above the average when the path never varies', () => {
    const rtt = new RttEstimator();
    for (let i = 0; i < 200; i++) rtt.sample(10, 0);
    expect(rtt.rttvar).toBeLessThan(0.001);
    expect(rtt.rto()).toBeCloseTo(12, 9);
    expect(rtt.pto(25)).toBeCloseTo(37, 9);
  });

  test('reset() forgets everything', () => {
    const rtt = sampled([5], [7], [6]);
    rtt.reset();
    const fresh = new RttEstimator();
    expect([rtt.latest, rtt.min, rtt.srtt, rtt.rttvar]).toEqual([fresh.latest, fresh.min, fresh.srtt, fresh.rttvar]);
    rtt.sample(40, 0);
    expect([rtt.min, rtt.srtt, rtt.rttvar]).toEqual([40, 40, 20]);
  });

  test('restartMin() makes the next minimum that of the samples from now on (RFC 9002 section 5.2)', () => {
    const rtt = sampled([10], [50]);
    rtt.restartMin();
    expect(rtt.min).toBe(50);
    rtt.sample(40, 0);
    rtt.sample(60, 0);
    expect(rtt.min).toBe(40);
  });

  test('whatever is sampled, the average stays between the smallest and the largest adjusted sample', () => {
    const samples = fc.array(fc.tuple(fc.double({ min: 0, max: 10_000, noNaN: true }), fc.nat(100)), { minLength: 1 });
    fc.assert(
      fc.property(samples, (values) => {
        const rtt = sampled(...values);
        const smallest = Math.min(...values.map(([value]) => value));
        const largest = Math.max(...values.map(([value]) => value));
        expect(rtt.min).toBe(smallest);
        expect(rtt.srtt).toBeGreaterThanOrEqual(smallest - 1e-6);
        expect(rtt.srtt).toBeLessThanOrEqual(largest + 1e-6);
        expect(rtt.rttvar).toBeLessThanOrEqual(largest);
        expect(rtt.rto()).toBeGreaterThanOrEqual(rtt.srtt + 2);
      }),
    );
  });
});
