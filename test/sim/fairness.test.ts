import { describe, expect, test } from 'vitest';
import type { ControllerName } from '../../src/congestion/registry.ts';
import { type SharedBottleneck, shareBottleneck } from './shared-bottleneck.ts';

const MBIT = 125;

/** Links that bbr has to share with the congestion control of most of the Internet. Full-size packets, as TCP sends them. */
const LINKS: Readonly<Record<string, Pick<SharedBottleneck, 'rate' | 'delay' | 'queue'>>> = {
  '10 Mbit/s, 30 ms, 25 packets may wait': { rate: 10 * MBIT, delay: 15, queue: 37_500 },
  '50 Mbit/s, 40 ms, a bandwidth-delay product may wait': { rate: 50 * MBIT, delay: 20, queue: 50 * MBIT * 40 },
};
const SEEDS = [1, 2, 3];

function shareOfBbr(link: string, flows: readonly ControllerName[], seed: number): number {
  const span = { stagger: 500, from: 10_000, until: 40_000 };
  const { goodputs } = shareBottleneck({ ...(LINKS[link] as SharedBottleneck), ...span, flows, seed, datagram: 1472 });
  const sum = goodputs.reduce((a, b) => a + b, 0);
  return (goodputs[flows.indexOf('bbr')] as number) / sum;
}

describe.each(Object.keys(LINKS))('on %s, between seconds 10 and 40,', (link) => {
  test.each<{ readonly when: string; readonly flows: readonly ControllerName[] }>([
    { when: 'starts', flows: ['bbr', 'cubic'] },
    { when: 'comes later', flows: ['cubic', 'bbr'] },
  ])(
    'bbr that $when gets a quarter to three quarters of what it shares with cubic',
    ({ flows }) => {
      for (const seed of SEEDS) {
        const share = shareOfBbr(link, flows, seed);
        expect(share, `seed ${seed}`).toBeGreaterThan(0.25);
        expect(share, `seed ${seed}`).toBeLessThan(0.75);
      }
    },
    120_000,
  );
});
