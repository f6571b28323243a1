import { simulateTransfer } from '../dist/sim/simulate-transfer.js';
import { memoryEntry } from '../dist/transfer/memory-source.js';
import { median, spread } from './statistics.js';
import { count, percent, ratio, seconds, size as sizeOf, table } from './table.js';

const SIZE = 32 * 2 ** 20;
/** 100 Mbit/s and 50 ms of round trip. */
const LINK = { rate: 12_500, delay: 25 };
const CASES = [
  { name: 'no loss', link: LINK },
  { name: 'loss 1 %', link: { ...LINK, loss: 0.01 } },
];
const noDigest = () => ({ update: () => {}, digest: () => new Uint8Array(32) });

function simulate(link) {
  const content = { size: SIZE, generate: (_offset, length) => new Uint8Array(length) };
  const startedAt = performance.now();
  const { end, time, forward, backward } = simulateTransfer({
    seed: 1,
    entries: [memoryEntry('file', content, noDigest)],
    createDigest: noDigest,
    sender: { congestion: 'bbr' },
    forward: link,
    backward: link,
    store: { keepBytes: false },
  });
  if (end?.kind !== 'complete') throw new Error('the simulated transfer never got through');
  return { wall: performance.now() - startedAt, time, datagrams: forward.datagramsIn + backward.datagramsIn };
}

async function run({ runs, note }) {
  const cases = CASES.map(({ name, link }) => {
    note(`simulator: ${name}`);
    const [{ time, datagrams }, ...counted] = Array.from({ length: runs + 1 }, () => simulate(link));
    const walls = counted.map(({ wall }) => wall);
    return { name, time, datagrams, wall: median(walls), spread: spread(walls) };
  });
  return { ok: true, size: SIZE, cases };
}

function report({ size, cases }) {
  const rows = cases.map(({ name, time, datagrams, wall, spread }) => [
    name,
    ratio(time / wall),
    `${count((datagrams / wall) * 1000)}/s`,
    seconds(time),
    seconds(wall),
    percent(spread),
  ]);
  return `${sizeOf(size)} by selective repeat and bbr over 100 Mbit/s and 50 ms, in virtual time.

${table(['', 'faster', 'datagrams', 'virtual', 'real', 'spread'], rows)}`;
}

/** The simulator. */
export const simulator = { summary: 'simulated datagrams per second', run, report };
