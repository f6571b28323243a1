import { describe, expect, test } from 'vitest';
import type { ControllerName } from '../../src/congestion/registry.ts';
import { type SharedBottleneck, shareBottleneck } from './shared-bottleneck.ts';

const MBIT = 125;
const ROUND_TRIP = 40;
const RATE = 20 * MBIT;
/** Bytes that fill the path. */
const BDP = RATE * ROUND_TRIP;

const flows = (count: number, name: ControllerName): ControllerName[] => new Array<ControllerName>(count).fill(name);

const LINK: Omit<SharedBottleneck, 'flows'> = {
  seed: 1,
  rate: RATE,
  delay: ROUND_TRIP / 2,
  queue: BDP,
  stagger: 1000,
  from: 20_000,
  until: 60_000,
};

describe('bbr with others of its kind', { timeout: 120_000 }, () => {
  test.each([
    { count: 2, queue: BDP },
    { count: 4, queue: BDP },
    { count: 2, queue: 10 * BDP },
    { count: 4, queue: 10 * BDP },
  ])('$count senders share fairly what lets $queue bytes wait', ({ count, queue }) => {
    const { fairness, utilization } = shareBottleneck({ ...LINK, flows: flows(count, 'bbr'), queue });
    expect(fairness).toBeGreaterThanOrEqual(0.9);
    expect(utilization).toBeGreaterThan(0.9);
  });

  test.each([
    { count: 1, most: 0.3 },
    { count: 2, most: 1.5 },
    { count: 4, most: 1.5 },
  ])('$count in a queue of ten bandwidth-delay products let no more than $most of them stand', ({ count, most }) => {
    const { queueDelay } = shareBottleneck({ ...LINK, flows: flows(count, 'bbr'), queue: 10 * BDP });
    expect(queueDelay).toBeLessThanOrEqual(most * ROUND_TRIP);
  });

  test('twenty crowd into a queue of 25 packets and still use the link', () => {
    const link = { ...LINK, rate: 10 * MBIT, queue: 25 * 1200, stagger: 100, from: 5000, until: 30_000 };
    expect(shareBottleneck({ ...link, flows: flows(20, 'bbr') }).utilization).toBeGreaterThan(0.75);
  });
});

test.each([0.3, 1, 4])(
  'bbr and cubic live side by side where %d bandwidth-delay products may wait',
  (share) => {
    const { goodputs } = shareBottleneck({ ...LINK, flows: ['bbr', 'cubic'], queue: share * BDP });
    const [bbr, cubic] = goodputs as [number, number];
    expect(Math.max(bbr / cubic, cubic / bbr)).toBeLessThan(4);
  },
  120_000,
);
