import { CONTROLLER_NAMES } from '../dist/congestion/registry.js';
import { median } from './statistics.js';

/** Bytes of the file. */
export const SIZE = 16 * 2 ** 20;
const SEEDS = [1, 2, 3];
const ARQS = ['stop-and-wait', 'go-back-n', 'selective-repeat'];

/** Rates in Mbit/s of UDP payload, delays in ms one way, queues in bytes; the same both ways. */
export const LINKS = [
  { rate: 100, delay: 25 },
  { rate: 100, delay: 25, loss: 0.001 },
  { rate: 100, delay: 25, loss: 0.01 },
  { rate: 100, delay: 50, loss: 0.05 },
  { rate: 20, delay: 300, loss: 0.01 },
  { rate: 50, delay: 10, burst: { enter: 0.005, leave: 0.25 } },
  { rate: 300, delay: 5 },
  { rate: 100, delay: 25, jitter: 5 },
  { rate: 10, delay: 15, queue: 37_500 },
];

/** One simulation for each link, ARQ, controller and seed. */
export const JOBS = LINKS.flatMap((_, link) =>
  ARQS.flatMap((arq) =>
    CONTROLLER_NAMES.flatMap((congestion) => SEEDS.map((seed) => ({ link, arq, congestion, seed }))),
  ),
);

const HEADING = `How long 16 MiB take in the simulator, as a multiple of the ideal: two round trips, and the bytes and 4 % of headers at
the rate that is left after losses. Median of ${SEEDS.length} seeds. Exact: a difference is a change in the code.
rate: Mbit/s; delay: ms one way; queue: bytes. \`npm run bench -- links\` compares, with \`--update\` it writes.
`;

/** The table as text, of one ratio per job. */
export function formatLinks(ratios) {
  const cell = (link, arq, congestion) =>
    median(ratios.filter((_, at) => matches(JOBS[at], { link, arq, congestion })))
      .toFixed(2)
      .padStart(10);
  const rows = LINKS.flatMap((spec, link) =>
    ARQS.map((arq) => row(describe(spec), arq, ...CONTROLLER_NAMES.map((name) => cell(link, arq, name)))),
  );
  return `${HEADING}\n${row('link', 'ARQ', ...CONTROLLER_NAMES.map((name) => name.padStart(10)))}${rows.join('')}`;
}

const matches = (job, wanted) => Object.entries(wanted).every(([key, value]) => job[key] === value);
const row = (link, arq, ...cells) => `${link.padEnd(34)}${arq.padEnd(17)}${cells.join('')}\n`;

function describe(link) {
  const words = Object.entries(link).map(([name, value]) =>
    name === 'burst' ? `burst=${value.enter},${value.leave}` : `${name}=${value}`,
  );
  return words.join(' ');
}

/** The lines that differ, old and new; empty when none does. */
export function diffLines(before, after) {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  const lines = Array.from({ length: Math.max(old.length, fresh.length) }, (_, at) => {
    if (old[at] === fresh[at]) return '';
    return (old[at] === undefined ? '' : `- ${old[at]}\n`) + (fresh[at] === undefined ? '' : `+ ${fresh[at]}\n`);
  });
  return lines.join('');
}
