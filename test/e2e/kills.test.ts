import { afterAll, expect, test } from 'vitest';
import { type Survival, survive } from './killing.ts';
import { useBench } from './processes.ts';

// Either side is killed at random instants, again and again, until the file is stored all the same.

const bench = useBench(afterAll);

/** UDPCP_KILLS=300 takes about ten minutes. */
const { UDPCP_KILLS, UDPCP_FAR_HOST, UDPCP_SEED = `${Date.now() % 2 ** 32}` } = process.env;
const MIB = 1024 * 1024;
const KILLS_EACH = 10;
/** A channel like rate=200 delay=5 loss=0.01; over another machine the link is its own. */
const CHANNEL = UDPCP_FAR_HOST === undefined ? ['--bandwidth', '200M', '--delay', '5ms', '--loss', '1%'] : [];

const killsOf = ({ kills }: Survival): number => kills.sender + kills.receiver;

test.runIf(UDPCP_KILLS === undefined)('a transfer is whole after kills of either side in turns', async () => {
  const run = (seed: number, first: 'sender' | 'receiver') =>
    survive({ bench, seed, size: 16 * MIB, kills: 4, pause: 700, first, senderArgs: CHANNEL });
  const seed = Number(UDPCP_SEED);
  console.log(`seed ${seed}`);
  for (const survival of await Promise.all([run(seed, 'sender'), run(seed + 1, 'receiver')])) {
    expect(killsOf(survival)).toBeGreaterThan(0);
    expect(survival.names).toEqual(['file']);
    expect(survival.ratio ?? 0).toBeLessThan(1.1 + 0.5 * killsOf(survival)); // the first credit, 8 MiB, for each
  }
});

test.runIf(UDPCP_KILLS !== undefined)('many kills', { timeout: 3_600_000 }, async () => {
  const wanted = Number(UDPCP_KILLS);
  const all: Survival[] = [];
  for (let kills = 0, seed = Number(UDPCP_SEED); kills < wanted; seed++) {
    const first = seed % 2 === 0 ? 'sender' : 'receiver';
    const most = Math.min(KILLS_EACH, wanted - kills);
    // Most transfers are killed again and again as soon as they have begun, some seldom, and so at their end as well.
    const pause = seed % 3 === 0 ? 5000 : 1000;
    const ordeal = { bench, seed, size: 64 * MIB, kills: most, pause, first, senderArgs: CHANNEL } as const;
    const survival = await survive(ordeal);
    all.push(survival);
    kills += killsOf(survival);
    console.log(JSON.stringify({ seed, all: kills, ...survival }));
  }
  expect(all.filter(({ names }) => names.length > 1)).toEqual([]);
  expect(all.filter(({ ratio = 0 }) => ratio > 1.5)).toEqual([]);
});
