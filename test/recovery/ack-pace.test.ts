import { describe, expect, test } from 'vitest';
import { AckPace } from '../../src/recovery/ack-pace.ts';
import { RttEstimator } from '../../src/recovery/rtt-estimator.ts';

const MAX_ACK_DELAY = 25;

/** A pace on a path with this round trip; undefined: not measured yet. */
function paceOf(roundTrip: number | undefined): AckPace {
  const rtt = new RttEstimator();
  if (roundTrip !== undefined) rtt.sample(roundTrip, 0);
  return new AckPace(rtt, MAX_ACK_DELAY);
}

/** Packets come from `from` on for so many milliseconds. */
function feed(pace: AckPace, from: number, span: number, perMilli: number): void {
  for (let i = 0; i < span * perMilli; i++) pace.onPacket(from + i / perMilli);
}

describe('AckPace', () => {
  test.each([
    { name: 'ten packets a round trip: every second one', roundTrip: 50, perMilli: 0.2, packets: 2 },
    { name: '100 Mbit/s over 10 ms: a twelfth of a round trip’s packets', roundTrip: 10, perMilli: 9.6, packets: 8 },
    { name: '1 Gbit/s over 100 ms: no more than 64', roundTrip: 100, perMilli: 86, packets: 64 },
    { name: 'a round trip too short to measure by timers', roundTrip: 0.1, perMilli: 100, packets: 2 },
  ])('$name', ({ roundTrip, perMilli, packets }) => {
    const pace = paceOf(roundTrip);
    feed(pace, 1000, 4 * roundTrip + 10, perMilli);
    expect(pace.packets).toBe(packets);
  });

  test('every second packet before the round trip is known, however fast they come', () => {
    const pace = paceOf(undefined);
    feed(pace, 0, 2000, 100);
    expect(pace.packets).toBe(2);
  });

  test('every second packet in the first round trip', () => {
    const pace = paceOf(50);
    feed(pace, 1000, 49, 20);
    expect(pace.packets).toBe(2);
  });

  test('follows a flow that has become slow within a round trip', () => {
    const pace = paceOf(50);
    feed(pace, 0, 200, 20);
    expect(pace.packets).toBe(64);
    feed(pace, 200, 110, 0.2);
    expect(pace.packets).toBe(2);
  });

  test('packets that come in bunches count as if they were spread', () => {
    const pace = paceOf(20);
    for (let at = 0; at < 100; at += 5) for (let i = 0; i < 50; i++) pace.onPacket(at);
    expect(pace.packets).toBeGreaterThanOrEqual(16);
    expect(pace.packets).toBeLessThanOrEqual(21);
  });

  test.each([
    { roundTrip: undefined, delay: 25 },
    { roundTrip: 600, delay: 25 },
    { roundTrip: 40, delay: 10 },
    { roundTrip: 0.2, delay: 1 },
  ])('a round trip of $roundTrip ms: an ACK waits at most $delay ms', ({ roundTrip, delay }) => {
    expect(paceOf(roundTrip).delay).toBe(delay);
  });
});
