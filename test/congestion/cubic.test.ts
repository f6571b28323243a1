import { describe, expect, test } from 'vitest';
import { CubicController } from '../../src/congestion/cubic.ts';
import { CubicCurve } from '../../src/congestion/cubic-curve.ts';
import { RttEstimator } from '../../src/recovery/rtt-estimator.ts';
import { MSS, packet } from './packets.ts';

/** CUBIC over a round trip that never varies. */
class Trace {
  readonly rtt = new RttEstimator();
  readonly controller = new CubicController({ maxDatagram: MSS, rtt: this.rtt });
  readonly #roundTrip: number;
  now = 0;

  constructor(roundTrip = 100) {
    this.#roundTrip = roundTrip;
    for (let i = 0; i < 200; i++) this.rtt.sample(roundTrip, 0);
  }

  /** In segments. */
  get window(): number {
    return this.controller.cwnd / MSS;
  }

  /** Whole windows sent and acknowledged, packet by packet. */
  rounds(count: number, appLimited = false): this {
    for (let i = 0; i < count; i++) {
      const window = Math.floor(this.window);
      for (let j = 0; j < window; j++) {
        const sentAt = this.now + (j * this.#roundTrip) / window + 1e-3;
        this.controller.onAck(sentAt + this.#roundTrip, { packets: [packet(sentAt, appLimited)] });
      }
      this.now += this.#roundTrip;
    }
    this.now += this.#roundTrip;
    return this;
  }

  lose(persistent = false): this {
    this.controller.onLoss(this.now, [packet(this.now - 1)], persistent);
    return this;
  }
}

describe('the cubic function (RFC 9438 section 4.2)', () => {
  // W(t) = 0.4 (t - K)^3 + 100 with K = cbrt(30 / 0.4) = 4.217 s.
  test.each([
    [0, 70],
    [1000, 86.681],
    [2000, 95.638],
    [3000, 99.278],
    [4217.163, 100],
    [6000, 102.266],
    [8434.327, 130],
  ])('after %d ms it wants %d segments', (elapsed, window) => {
    expect(new CubicCurve(0, 70, 100, 100).windowAt(elapsed)).toBeCloseTo(window, 2);
  });

  test('a window above its plateau grows from where it is', () => {
    expect(new CubicCurve(0, 100, 70, 100).windowAt(0)).toBe(100);
  });

  test('no round trip adds more than half', () => {
    const curve = new CubicCurve(0, 10, 10_000, 10_000);
    expect(curve.grow(20_000, 10, 10, 100)).toBe(15);
  });

  test('time in which the sender had nothing to send does not count', () => {
    const paused = new CubicCurve(0, 70, 100, 100);
    paused.pause(1000);
    const steady = new CubicCurve(0, 70, 100, 100);
    expect(paused.grow(61_000, 70, 1, 100)).toBe(steady.grow(1000, 70, 1, 100));
  });
});

describe('CUBIC', () => {
  test('doubles in slow start', () => {
    expect(new Trace().rounds(3).window).toBeCloseTo(512, 6);
  });

  test('a loss leaves seven tenths, once per round trip (sections 4.6, RFC 9002 section 7.3.2)', () => {
    const trace = new Trace().rounds(3);
    trace.lose().lose();
    expect(trace.window).toBeCloseTo(358.4, 6);
  });

  test('is back at its plateau after K = cbrt(0.3 W / C), and flat there', () => {
    const trace = new Trace().rounds(2).lose(); // 256 to 179.2, K = 5.77 s
    expect(trace.rounds(28).window).toBeLessThan(250);
    expect(trace.rounds(29).window).toBeCloseTo(256, 0);
    expect(trace.rounds(20).window).toBeLessThan(266);
    expect(trace.rounds(40).window).toBeGreaterThan(281);
  });

  test('a loss below the plateau lowers it: fast convergence (section 4.7)', () => {
    const trace = new Trace().rounds(2).lose().rounds(2).lose(); // at about 190: the plateau is now 0.85 of that
    const plateau = 0.85 * (trace.window / 0.7);
    const after = trace.rounds(40).window;
    expect(after).toBeGreaterThan(0.98 * plateau);
    expect(after).toBeLessThan(1.02 * plateau);
  });

  test('grows no slower than Reno where that is faster: small windows, short round trips (section 4.3)', () => {
    const trace = new Trace(10).lose().lose().lose(); // 64 to 45
    const before = trace.window;
    trace.rounds(10);
    expect(trace.window - before).toBeGreaterThan(0.5 * 10);
  });

  test('does not grow while the application is the limit', () => {
    const trace = new Trace().rounds(4).lose();
    const before = trace.window;
    expect(trace.rounds(100, true).window).toBe(before);
    expect(trace.rounds(1).window).toBeLessThan(1.1 * before);
  });

  test('gets back what losses took that were none (section 4.9)', () => {
    const trace = new Trace().rounds(4);
    const before = trace.window;
    trace.lose().controller.onSpuriousLosses();
    expect(trace.window).toBe(before);
    expect(trace.rounds(1).window).toBeCloseTo(2 * before, 6); // still in slow start
  });

  test('starts over from two datagrams after persistent congestion, in slow start', () => {
    const trace = new Trace().rounds(5).lose(true);
    expect(trace.window).toBe(2);
    expect(trace.rounds(3).window).toBeCloseTo(16, 6);
  });
});
