import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NewRenoController } from '../../src/congestion/new-reno.ts';
import { emptySnapshot } from '../../src/recovery/delivery-rate.ts';
import { RttEstimator } from '../../src/recovery/rtt-estimator.ts';
import type { SentPacket } from '../../src/recovery/sent-packet.ts';

const MSS = 1200;
/** 64 datagrams, paced. */
const INITIAL = 64 * MSS;
const MINIMUM = 2 * MSS;

function packet(sentAt: number, size = MSS, appLimited = false): SentPacket {
  const data = { offset: 0, length: 1, fin: false };
  const rest = { credit: false, path: false, delivery: emptySnapshot(), state: 'in-flight' } as const;
  return { number: sentAt, sentAt, size, data, appLimited, ...rest };
}

/** A controller and the events of a trace, in their order. */
class Trace {
  readonly rtt = new RttEstimator();
  readonly controller: NewRenoController;

  constructor(maxDatagram = MSS) {
    this.controller = new NewRenoController({ maxDatagram, rtt: this.rtt });
  }

  /** So many full packets sent at `sentAt` are acknowledged in one ACK. */
  acked(count: number, sentAt: number, appLimited = false): this {
    const packets = Array.from({ length: count }, () => packet(sentAt, MSS, appLimited));
    this.controller.onAck(sentAt + 100, { packets });
    return this;
  }

  /** Packets sent at these times are declared lost at `now`. */
  lost(now: number, sentAt: readonly number[], persistent = false): this {
    this.controller.onLoss(
      now,
      sentAt.map((at) => packet(at)),
      persistent,
    );
    return this;
  }

  get cwnd(): number {
    return this.controller.cwnd;
  }
}

describe('growth', () => {
  test('slow start: as much as was acknowledged, so it doubles with every round trip (section 7.3.1)', () => {
    const trace = new Trace();
    for (let round = 0; round < 5; round++) {
      trace.acked(trace.cwnd / MSS, round * 100);
      expect(trace.cwnd).toBe(INITIAL * 2 ** (round + 1));
    }
  });

  test('congestion avoidance: one datagram with every round trip (section 7.3.3)', () => {
    const trace = new Trace().acked(90, 0).lost(150, [10]);
    const half = trace.cwnd;
    expect(half).toBe((INITIAL + 90 * MSS) / 2);
    trace.acked(half / MSS, 200);
    expect(trace.cwnd).toBeGreaterThan(half + 0.98 * MSS);
    expect(trace.cwnd).toBeLessThanOrEqual(half + MSS);
  });

  test('none from packets that were sent when there was nothing more to send (section 7.8)', () => {
    expect(new Trace().acked(1000, 0, true).cwnd).toBe(INITIAL);
  });
});

describe('loss', () => {
  test('halves the window (section 7.3.2)', () => {
    expect(new Trace().lost(100, [0]).cwnd).toBe(INITIAL / 2);
  });

  test('once per round trip: what was sent before the reduction belongs to it', () => {
    const trace = new Trace().lost(100, [0]).lost(110, [5, 99]).lost(120, [100]);
    expect(trace.cwnd).toBe(INITIAL / 2);
    expect(trace.lost(200, [101]).cwnd).toBe(INITIAL / 4);
  });

  test('while it is being repaired nothing grows: ACKs of older packets count for nothing', () => {
    const trace = new Trace().lost(100, [0]).acked(50, 100);
    expect(trace.cwnd).toBe(INITIAL / 2);
    expect(trace.acked(1, 101).cwnd).toBeGreaterThan(INITIAL / 2);
  });

  test('never takes it below two datagrams', () => {
    const trace = new Trace();
    for (let now = 100; now < 10_000; now += 100) trace.lost(now, [now - 50]);
    expect(trace.cwnd).toBe(MINIMUM);
  });

  test('persistent congestion starts over from two datagrams, in slow start up to half of what was (section 7.6.2)', () => {
    const trace = new Trace().acked(90, 0).lost(5000, [100, 4000], true);
    expect(trace.cwnd).toBe(MINIMUM);
    trace.acked(2, 4100); // sent before: no recovery period is left
    expect(trace.cwnd).toBe(2 * MINIMUM);
    const half = (INITIAL + 90 * MSS) / 2;
    trace.acked(75, 5100);
    expect(trace.cwnd).toBeGreaterThan(half);
    expect(trace.cwnd).toBeLessThan(half + 10 * MSS);
  });
});

describe('the pacing rate (section 7.7)', () => {
  test('twice the window per round trip in slow start, then five quarters', () => {
    const trace = new Trace();
    trace.rtt.sample(100, 0);
    expect(trace.controller.pacingRate).toBe((2 * INITIAL) / 100);
    trace.lost(100, [0]);
    expect(trace.controller.pacingRate).toBe((1.25 * INITIAL) / 2 / 100);
  });

  test('is finite over a path without any delay', () => {
    const trace = new Trace();
    trace.rtt.sample(0, 0);
    expect(Number.isFinite(trace.controller.pacingRate)).toBe(true);
  });
});

test('another path starts over', () => {
  const trace = new Trace().acked(90, 0).lost(150, [10]);
  trace.controller.reset();
  expect(trace.cwnd).toBe(INITIAL);
  expect(trace.acked(64, 120).cwnd).toBe(2 * INITIAL); // slow start, no recovery period
});

test('whatever happens, the window is finite and holds two datagrams', () => {
  const event = fc.record({
    isLoss: fc.boolean(),
    at: fc.nat(10_000),
    count: fc.integer({ min: 1, max: 64 }),
    flag: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 200 }), (events) => {
      const trace = new Trace();
      for (const { isLoss, at, count, flag } of events) {
        if (isLoss) trace.lost(at + 100, [at], flag);
        else trace.acked(count, at, flag);
        expect(trace.cwnd).toBeGreaterThanOrEqual(MINIMUM);
        expect(Number.isFinite(trace.cwnd)).toBe(true);
      }
    }),
  );
});
