import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ProgressSnapshot, ProgressTracker } from '../../../src/cli/progress/progress-tracker.ts';

const snapshot = (bytes: number, total?: number): ProgressSnapshot => ({ name: 'f', bytes, total });

/** Feeds (time, bytes) pairs and gives the last view. */
function track(total: number | undefined, ...steps: readonly (readonly [now: number, bytes: number])[]) {
  const tracker = new ProgressTracker();
  const views = steps.map(([now, bytes]) => tracker.update(now, snapshot(bytes, total)));
  return views.at(-1);
}

describe('ProgressTracker.update()', () => {
  test.each([
    [
      'more than all',
      100,
      [
        [0, 0],
        [1000, 150],
      ],
      { bytes: 100, ratio: 1, eta: undefined },
    ],
    [
      'less than before',
      100,
      [
        [0, 0],
        [1000, 60],
        [2000, 40],
      ],
      { bytes: 60, ratio: 0.6 },
    ],
    ['nothing to send', 0, [[0, 0]], { bytes: 0, ratio: 1, eta: undefined }],
    [
      'an unknown total',
      undefined,
      [
        [0, 0],
        [1000, 60],
      ],
      { bytes: 60, ratio: undefined, eta: undefined, rate: 0.06 },
    ],
    [
      'a steady rate',
      1000,
      [
        [0, 0],
        [1000, 100],
        [2000, 200],
      ],
      { rate: 0.1, averageRate: 0.1, eta: 8000 },
    ],
    ['the very first', 1000, [[5000, 0]], { rate: 0, averageRate: 0, eta: undefined, stalled: undefined }],
  ] as const)('of %s stays sane', (_, total, steps, expected) => {
    expect(track(total, ...steps)).toMatchObject(expected);
  });

  test('does not count for its rates what was there before it began', () => {
    expect(track(10_000, [0, 9000], [1000, 9100])).toMatchObject({ rate: 0.1, averageRate: 0.1, eta: 9000 });
  });

  test('counts what is resumed for how far it is and not for how fast, and what is sent again for how fast', () => {
    const tracker = new ProgressTracker();
    const update = (now: number, bytes: number, resumed: number) =>
      tracker.update(now, { ...snapshot(bytes, 10_000), resumed });
    update(0, 0, 0);
    expect(update(1000, 8100, 8000)).toMatchObject({ ratio: 0.81, averageRate: 0.1, eta: 19_000 });
    // A thousand of them prove to be wrong, and half of those have come again.
    expect(update(2000, 7600, 7000)).toMatchObject({ ratio: 0.81, averageRate: 0.3 });
    expect(update(7000, 7700, 7000)).toMatchObject({ ratio: 0.81, stalled: undefined });
  });

  test('forgets an old rate within some seconds while the average keeps it', () => {
    const view = track(undefined, [0, 0], [10_000, 100_000], [20_000, 110_000]);
    expect(view?.rate).toBeCloseTo(1 + 9 * Math.exp(-5), 9);
    expect(view?.averageRate).toBe(5.5);
  });

  test('weighs a rate by time and not by how often it was asked', () => {
    const seldom = track(undefined, [0, 0], [1000, 0], [3000, 2000]);
    const often = track(
      undefined,
      [0, 0],
      [1000, 0],
      ...Array.from({ length: 8 }, (_, i) => [1250 + 250 * i, 250 * (i + 1)] as const),
    );
    expect(often?.rate).toBeCloseTo(seldom?.rate ?? Number.NaN, 9);
  });
});

describe('ProgressTracker tells a stall', () => {
  test.each([
    [
      'not before 5 s',
      100,
      [
        [0, 0],
        [100, 50],
        [5099, 50],
      ],
      undefined,
    ],
    [
      'after 5 s without a byte',
      100,
      [
        [0, 0],
        [100, 50],
        [5100, 50],
      ],
      5000,
    ],
    [
      'of a transfer that never began',
      100,
      [
        [0, 0],
        [5000, 0],
      ],
      5000,
    ],
    [
      'not once all bytes are there',
      100,
      [
        [0, 0],
        [100, 100],
        [9000, 100],
      ],
      undefined,
    ],
    [
      'which ends with the next byte',
      100,
      [
        [0, 0],
        [9000, 50],
      ],
      undefined,
    ],
  ] as const)('%s', (_, total, steps, stalled) => {
    expect(track(total, ...steps)).toMatchObject({ stalled, ...(stalled && { eta: undefined }) });
  });
});

test('ProgressTracker says no longer that all is done when more is offered', () => {
  const tracker = new ProgressTracker();
  expect(tracker.update(0, snapshot(100, 100))).toMatchObject({ ratio: 1 });
  expect(tracker.update(1000, snapshot(100, 400))).toMatchObject({ ratio: 0.25 });
});

test('ProgressTracker never runs backwards, while the total is the same, nor beyond it, whatever it is told', () => {
  const step = fc.record({
    wait: fc.nat(10_000),
    bytes: fc.nat(2000),
    total: fc.option(fc.nat(1000), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const tracker = new ProgressTracker();
      let now = 0;
      let [lastBytes, lastRatio, lastTotal] = [0, 0, 0];
      for (const { wait, bytes, total } of steps) {
        now += wait;
        const view = tracker.update(now, snapshot(bytes, total));
        expect(view.bytes).toBeGreaterThanOrEqual(lastBytes);
        if ((total ?? 0) <= lastTotal) expect(view.ratio ?? lastRatio).toBeGreaterThanOrEqual(lastRatio);
        expect(view.ratio ?? 0).toBeLessThanOrEqual(1);
        expect(
          [view.rate, view.averageRate, view.eta ?? 0].every((value) => Number.isFinite(value) && value >= 0),
        ).toBe(true);
        lastBytes = view.bytes;
        lastRatio = view.ratio ?? lastRatio;
        lastTotal = total ?? lastTotal;
      }
    }),
  );
});
