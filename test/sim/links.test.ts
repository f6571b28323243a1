import { expect, test } from 'vitest';
import type { Bytes, Millis } from '../../src/base/units.ts';
import type { ChannelSpec } from '../../src/channel/spec.ts';
import type { ControllerName } from '../../src/congestion/registry.ts';
import { simulateTransfer } from '../../src/sim/simulate-transfer.ts';
import type { CreateDigest } from '../../src/transfer/digest.ts';
import { memoryEntry } from '../../src/transfer/memory-source.ts';

const MIB: Bytes = 1024 * 1024;
/** Bytes per millisecond in a megabit per second. */
const MBIT = 125;
/** Room for headers in the ideal. */
const OVERHEAD = 1.04;
const SEEDS = [1, 2, 3];
const CONTROLLERS = ['new-reno', 'cubic', 'bbr'] as const;

/** Rates in Mbit/s of UDP payload, delays in ms one way; `bound`: what bbr has to keep with 16 MiB. */
const LINKS: readonly (ChannelSpec & { readonly rate: number; readonly delay: Millis; readonly bound: number })[] = [
  { rate: 100, delay: 25, bound: 1.35 },
  { rate: 100, delay: 25, loss: 0.001, bound: 1.4 },
  { rate: 100, delay: 25, loss: 0.01, bound: 1.4 },
  { rate: 100, delay: 50, loss: 0.05, bound: 1.7 },
  { rate: 20, delay: 300, loss: 0.01, bound: 1.6 },
  { rate: 50, delay: 10, burst: { enter: 0.005, leave: 0.25 }, bound: 1.3 },
  { rate: 300, delay: 5, bound: 1.5 },
  { rate: 100, delay: 25, jitter: 5, bound: 1.4 },
  { rate: 10, delay: 15, queue: 37_500, bound: 1.25 },
];

/** Content is not what is tested here: a digest that costs nothing. */
const noDigest: CreateDigest = () => ({ update: () => {}, digest: () => new Uint8Array(32) });

/** Two round trips, and the content at the rate that losses leave. */
function idealTime({ rate, delay, loss = 0, burst }: (typeof LINKS)[number], size: Bytes): Millis {
  const lost = burst === undefined ? loss : burst.enter / (burst.enter + burst.leave);
  return 4 * delay + (size * OVERHEAD) / (rate * MBIT * (1 - lost));
}

/** How much longer than ideal a transfer takes; the median of the seeds, because a lost HELLO costs a second. */
function slowness(link: (typeof LINKS)[number], congestion: ControllerName, size: Bytes): number {
  const { rate, bound: _, ...spec } = link;
  const ratios = SEEDS.map((seed) => {
    const { end, time } = simulateTransfer({
      seed,
      entries: [memoryEntry('file', { size, generate: (_offset, length) => new Uint8Array(length) }, noDigest)],
      createDigest: noDigest,
      sender: { congestion, idleTimeout: 600_000 },
      receiver: { idleTimeout: 600_000 },
      forward: { ...spec, rate: rate * MBIT },
      backward: { ...spec, rate: rate * MBIT },
      store: { keepBytes: false },
    });
    return end?.kind === 'complete' ? time / idealTime(link, size) : Number.POSITIVE_INFINITY;
  });
  return ratios.toSorted((a, b) => a - b)[1] as number;
}

function describeLink({ rate, delay, loss, burst, jitter, queue }: (typeof LINKS)[number]): string {
  const parts = Object.entries({ rate, delay, loss, burst: burst && `${burst.enter},${burst.leave}`, jitter, queue });
  return parts.flatMap(([name, value]) => (value === undefined ? [] : `${name}=${value}`)).join(' ');
}

const HEADING = `How long 8 MiB take, as a multiple of the ideal: two round trips, and the bytes and 4 % of headers at the rate that is
left after losses. Selective repeat, median of three seeds. rate: Mbit/s; delay: ms one way; queue: bytes.

link                                new-reno   cubic     bbr
`;

test('completion times, by link and controller', { timeout: 300_000 }, async () => {
  const rows = LINKS.map((link) => {
    const cells = CONTROLLERS.map((name) =>
      slowness(link, name, 8 * MIB)
        .toFixed(2)
        .padStart(8),
    );
    return `${describeLink(link).padEnd(36)}${cells.join('')}\n`;
  });
  await expect(`${HEADING}${rows.join('')}`).toMatchFileSnapshot('links.snap.txt');
});

test.each(LINKS.map((link) => ({ name: describeLink(link), ...link })))(
  'bbr keeps 16 MiB within $bound times the ideal: $name',
  { timeout: 120_000 },
  ({ name: _, ...link }) => {
    expect(slowness(link, 'bbr', 16 * MIB)).toBeLessThanOrEqual(link.bound);
  },
);
