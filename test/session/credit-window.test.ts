import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RttEstimator } from '../../src/recovery/rtt-estimator.ts';
import { CreditBudget } from '../../src/session/credit-budget.ts';
import { CreditWindow } from '../../src/session/credit-window.ts';

const MIB = 1024 * 1024;
const MOST = 64 * MIB;

/** A reader and a peer that sends at a rate, in bytes per ms, as far as credit lets it. */
class Flow {
  readonly budget: CreditBudget;
  readonly window: CreditWindow;
  now = 0;
  arrived = 0;
  taken = 0;
  #since = 0;
  /** What the peer was told, and when it hears of it. */
  #told: { readonly at: number; readonly credit: number }[] = [];
  #credit: number;
  readonly #rtt: number;

  constructor(rtt: number, initial: number, budget = new CreditBudget(Number.MAX_SAFE_INTEGER)) {
    const estimator = new RttEstimator();
    estimator.sample(rtt, 0);
    this.#rtt = rtt;
    this.budget = budget;
    this.window = new CreditWindow(0, budget.open(initial, MOST), estimator);
    this.#credit = this.window.granted;
  }

  /** Lets time pass: `readRate` is the disk's. */
  run(span: number, rate: number, readRate = Number.POSITIVE_INFINITY): this {
    for (const until = this.now + span; this.now < until; this.now++) {
      this.#told = this.#told.filter(({ at, credit }) => {
        if (at <= this.now) this.#credit = Math.max(this.#credit, credit);
        return at > this.now;
      });
      this.arrived = Math.min(this.arrived + rate, this.#credit);
      if (this.arrived > this.#since) this.window.onArrival(this.now, this.arrived, this.arrived);
      this.#since = this.arrived;
      const count = Math.min(readRate, this.arrived - this.taken);
      this.taken += count;
      if (count > 0) this.window.consumed(count);
      if (this.window.isDue) this.#told.push({ at: this.now + this.#rtt, credit: this.window.poll() });
    }
    return this;
  }
}

describe('a window of 800 bytes', () => {
  test('is granted anew when an eighth of it was taken', () => {
    const window = new CreditWindow(0, CreditBudget.alone(800, 800), new RttEstimator());
    expect(window.granted).toBe(800);
    window.consumed(99);
    expect(window.isDue).toBe(false);
    expect(window.poll()).toBe(800);
    window.consumed(1);
    expect(window.isDue).toBe(true);
    expect(window.poll()).toBe(900);
    expect([window.isDue, window.granted, window.outstanding]).toEqual([false, 900, 800]);
  });

  test('that may not grow does not', () => {
    const window = new CreditWindow(0, CreditBudget.alone(800, 0), new RttEstimator());
    for (let now = 0; now < 10_000; now += 10) {
      const { granted } = window;
      window.onArrival(now, granted, granted);
      window.consumed(window.outstanding);
      expect(window.poll() - granted).toBe(800);
    }
  });
});

test('no window at all stays none', () => {
  const window = new CreditWindow(0, CreditBudget.alone(0, MOST), new RttEstimator());
  window.onArrival(1000, 0, 0);
  window.consumed(0);
  expect([window.isDue, window.poll()]).toEqual([false, 0]);
});

describe('growing', () => {
  test.each([
    { name: '100 Mbit/s, 50 ms', rate: 12_500, rtt: 50 },
    { name: '100 Mbit/s, 600 ms', rate: 12_500, rtt: 600 },
    { name: '1 Gbit/s, 100 ms', rate: 125_000, rtt: 100 },
    { name: '1 Mbit/s, 30 ms', rate: 125, rtt: 30 },
  ])('$name: twice what is on its way, soon, and no more than eight times', ({ rate, rtt }) => {
    const flow = new Flow(rtt, 65_536).run(20 * rtt, rate);
    const { arrived } = flow;
    flow.run(10 * rtt, rate);
    expect(flow.arrived - arrived).toBe(10 * rtt * rate); // nothing holds it up any more
    expect(flow.window.outstanding).toBeGreaterThanOrEqual(Math.min(2 * rate * rtt, 65_536));
    expect(flow.window.outstanding).toBeLessThanOrEqual(Math.max(8 * rate * rtt, 65_536));
  });

  test('not beyond what one session may have', () => {
    const flow = new Flow(500, MIB).run(20_000, 500_000);
    expect(flow.window.outstanding).toBeLessThanOrEqual(MOST);
    expect(flow.window.outstanding).toBeGreaterThan(MOST / 2);
  });

  test('not while the reader is what cannot keep up: a slow disk does not make memory grow', () => {
    const flow = new Flow(20, MIB).run(60_000, 12_500, 1000);
    expect(flow.window.outstanding).toBeLessThanOrEqual(MIB);
  });

  test('not for a reader that stops for a second every second', () => {
    const flow = new Flow(20, 4 * MIB);
    for (let i = 0; i < 50; i++) flow.run(1000, 12_500).run(1000, 12_500, 0);
    expect(flow.window.outstanding).toBeLessThanOrEqual(4 * MIB);
  });

  test('where bytes behind a loss would fill the window, though little arrives', () => {
    const window = new CreditWindow(0, CreditBudget.alone(MIB, MOST), new RttEstimator());
    window.onArrival(10_000, 0, 0.9 * MIB);
    expect(window.poll()).toBeGreaterThan(2 * MIB);
  });
});

describe('a budget that sessions share', () => {
  const TOTAL = 64 * MIB;

  test('one that needs much gets it while the others need little', () => {
    const budget = new CreditBudget(TOTAL);
    const flows = Array.from({ length: 16 }, () => new Flow(100, MIB, budget));
    flows[0]?.run(10_000, 50_000);
    expect(flows[0]?.window.outstanding).toBeGreaterThan(10 * MIB);
    expect(budget.promised).toBeLessThanOrEqual(TOTAL);
  });

  test.each([2, 5, 20, 60])('%i that need all of it end up with equal parts, those that came late too', (count) => {
    const budget = new CreditBudget(TOTAL);
    const flows: Flow[] = [];
    for (let i = 0; i < count; i++) {
      flows.push(new Flow(1000, 2 * MIB, budget));
      for (let round = 0; round < 40; round++) for (const flow of flows) flow.run(100, 200_000);
    }
    for (let round = 0; round < 400; round++) for (const flow of flows) flow.run(100, 200_000);
    const sizes = flows.map(({ window }) => window.outstanding / MIB);
    const fair = Math.max(1, TOTAL / MIB / (count + 1));
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(0.6 * fair);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1.6 * fair);
    expect(budget.promised).toBeLessThanOrEqual(TOTAL);
  });

  test('what is promised is never more than the total and a floor for each, and comes back in the end', () => {
    const step = fc.record({
      who: fc.nat(7),
      span: fc.integer({ min: 1, max: 300 }),
      rate: fc.integer({ min: 0, max: 500_000 }),
      readRate: fc.integer({ min: 0, max: 500_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 20 }), (steps, total) => {
        const budget = new CreditBudget(total * MIB);
        const flows = new Map<number, Flow>();
        for (const { who, span, rate, readRate } of steps) {
          const flow = flows.get(who) ?? new Flow(20 * (who + 1), 4 * MIB, budget);
          flows.set(who, flow);
          const { granted } = flow.window;
          flow.run(span, rate, readRate);
          expect(flow.window.granted).toBeGreaterThanOrEqual(granted);
          expect(Number.isSafeInteger(flow.window.granted)).toBe(true);
          expect(budget.promised).toBeLessThanOrEqual((total + flows.size) * MIB);
        }
      }),
    );
  });
});

test('a share that is closed is there for others', () => {
  const budget = new CreditBudget(10 * MIB);
  const share = budget.open(8 * MIB, MOST);
  expect([share.promised, budget.promised]).toEqual([5 * MIB, 5 * MIB]);
  expect(budget.open(8 * MIB, MOST).promised).toBe(2.5 * MIB);
  for (let i = 0; i < 10; i++) expect(budget.open(8 * MIB, MOST).promised).toBeGreaterThanOrEqual(MIB); // the floor
  const { promised } = budget;
  share.close();
  expect(budget.promised).toBe(promised - 5 * MIB);
});
