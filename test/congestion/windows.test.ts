import { describe, expect, test } from 'vitest';
import { initialRate, initialWindow } from '../../src/congestion/windows.ts';
import { RttEstimator } from '../../src/recovery/rtt-estimator.ts';

function start(options: { maxDatagram?: number; roundTrip?: number; startRate?: number }) {
  const { maxDatagram = 1200, roundTrip, startRate } = options;
  const rtt = new RttEstimator();
  if (roundTrip !== undefined) rtt.sample(roundTrip, 0);
  return { maxDatagram, rtt, startRate };
}

describe('the initial window', () => {
  test.each([
    { why: 'of nothing known: 64 datagrams', window: 76_800 },
    { why: 'in larger datagrams', maxDatagram: 1472, window: 94_208 },
    { why: 'in jumbo datagrams: no more bytes', maxDatagram: 9000, window: 96_000 },
    { why: 'in the largest: two', maxDatagram: 65_507, window: 131_014 },
    { why: 'on a short path', roundTrip: 20, window: 76_800 },
    { why: 'on a long path: half a megabyte a second', roundTrip: 200, window: 100_000 },
    { why: 'on a very long path: four times the usual', roundTrip: 1000, window: 307_200 },
    { why: 'of a rate that is given: what fills the path', roundTrip: 40, startRate: 12_500, window: 625_000 },
    { why: 'of a low rate that is given', roundTrip: 40, startRate: 10, window: 76_800 },
    { why: 'of an absurd rate that is given: 1 MiB', roundTrip: 600, startRate: 1e6, window: 1024 * 1024 },
  ])('$why', ({ window, why: _, ...options }) => {
    expect(initialWindow(start(options))).toBe(window);
  });

  test.each([
    { why: 'takes half a round trip to leave', roundTrip: 40, rate: (2 * 76_800) / 40 },
    { why: 'leaves at the rate that is given', roundTrip: 40, startRate: 12_500, rate: 12_500 },
  ])('$why', ({ rate, why: _, ...options }) => {
    expect(initialRate(start(options))).toBe(rate);
  });
});
