import { describe, expect, test } from 'vitest';
import { SeededPrng } from '../../src/base/prng.ts';
import { CONTROLLERS } from '../../src/congestion/registry.ts';
import { DeliveryRate } from '../../src/recovery/delivery-rate.ts';
import { RttEstimator } from '../../src/recovery/rtt-estimator.ts';
import { SendingSide, SIZE } from './sending-side.ts';

const ROUND_TRIP = 50;
const INITIAL = 64 * SIZE;

/** A sender that has been sending without a loss for so long that its window is large. */
function running(name: 'new-reno' | 'cubic' | 'bbr') {
  const rtt = new RttEstimator();
  rtt.sample(ROUND_TRIP, 0);
  const delivery = new DeliveryRate();
  const context = { maxDatagram: SIZE, rtt, delivery, prng: new SeededPrng(1) };
  const controller = CONTROLLERS[name](context);
  const side = new SendingSide('selective-repeat', { rtt, delivery, controller, window: 1e6, minimumBurst: 2 * SIZE });
  let now = 0;
  for (let round = 0; round < 8; round++) {
    const end = now + ROUND_TRIP;
    for (; now < end; now += 0.25) while (side.recovery.permission(now, SIZE) === 'now') side.send(now);
    side.ack(
      now,
      side.recovery.sent.inFlight().map(({ number }) => number),
    );
  }
  const end = now + ROUND_TRIP;
  for (; now < end; now += 0.25) while (side.recovery.permission(now, SIZE) === 'now') side.send(now);
  return { side, controller, rtt, now };
}

/** What leaves within so many milliseconds from `now`. */
function leaves(side: SendingSide, now: number, span: number): number {
  const before = side.recovery.sent.nextNumber;
  for (let at = now; at <= now + span; at += 0.25) while (side.recovery.permission(at, SIZE) === 'now') side.send(at);
  return (side.recovery.sent.nextNumber - before) * SIZE;
}

describe.each(['new-reno', 'cubic', 'bbr'] as const)('%s, after the machine slept for a minute,', (name) => {
  test('the ACKs that waited meanwhile do not measure the sleep', () => {
    const { side, rtt, now } = running(name);
    const { latest, srtt } = rtt;
    side.ack(
      now + 60_000,
      side.recovery.sent.inFlight().map(({ number }) => number),
    );
    expect([rtt.latest, rtt.srtt]).toEqual([latest, srtt]);
  });

  test('no more than the initial window leaves until the path has answered', () => {
    const { side, controller, now } = running(name);
    expect(controller.cwnd).toBeGreaterThan(2 * INITIAL);
    const later = now + 60_000;
    side.ack(
      later,
      side.recovery.sent.inFlight().map(({ number }) => number),
    );
    expect(leaves(side, later, 1000)).toBeLessThanOrEqual(INITIAL);
  });

  test('the window is soon what it was', () => {
    const { side, controller, now } = running(name);
    const before = controller.cwnd;
    let later = now + 60_000;
    side.ack(
      later,
      side.recovery.sent.inFlight().map(({ number }) => number),
    );
    for (let round = 0; round < 8; round++) {
      leaves(side, later, ROUND_TRIP);
      later += ROUND_TRIP + 1;
      side.ack(
        later,
        side.recovery.sent.inFlight().map(({ number }) => number),
      );
    }
    expect(controller.cwnd).toBeGreaterThan(0.4 * before);
  });
});

test('a timeout that waits longer than two seconds by itself is no sleep', () => {
  const { side, controller, now } = running('new-reno');
  const before = controller.cwnd;
  const times = side.expireUntil(now + 20_000);
  expect(Math.max(...times.slice(1).map((time, i) => time - (times[i] as number)))).toBeGreaterThan(2000);
  side.ack(now + 20_000, [side.recovery.sent.nextNumber - 1]);
  expect(controller.cwnd).toBeGreaterThan(0.4 * before);
});
