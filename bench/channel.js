import { Channel } from '../dist/channel/channel.js';
import { count, percent, ratio, table } from './table.js';
import { measure } from './throughput.js';

const DATAGRAM = new Uint8Array(1200);
/** Milliseconds between datagrams: about 100 Mbit/s. */
const GAP = 0.1;

const SPECS = {
  clear: {},
  'all impairments': {
    loss: 0.01,
    burst: { enter: 0.005, leave: 0.25 },
    dropList: [{ first: 100, last: 110 }],
    blackouts: [{ start: 1000, duration: 20, every: 2000 }],
    duplicate: { probability: 0.01 },
    delay: 20,
    jitter: 5,
    reorder: { probability: 0.05 },
    corrupt: 0.01,
    truncate: 0.01,
    rate: 15_000,
  },
};

/** Datagrams through a channel, each pulled when it is due. */
function pass(spec, datagrams) {
  const channel = new Channel(spec, 1, 'forward');
  for (let at = 0; at < datagrams; at += 1) {
    channel.push(at * GAP, DATAGRAM);
    while (channel.pull(at * GAP) !== undefined);
  }
}

async function run({ runs, note }) {
  note('channel');
  const rows = Object.entries(SPECS).map(([name, spec]) => ({ name, ...measure((n) => pass(spec, n), runs) }));
  return { ok: true, rows: rows.map((row) => ({ ...row, toClear: row.each / rows[0].each })) };
}

function report({ rows }) {
  const cells = rows.map(({ name, toClear, each, spread }) => [
    name,
    ratio(toClear),
    `${(each * 1000).toFixed(2)} µs`,
    `${count(1000 / each)}/s`,
    percent(spread),
  ]);
  return `Datagrams of 1200 bytes pushed into a channel and pulled out.

${table(['', 'to clear', 'each', 'datagrams', 'spread'], cells)}`;
}

/** The lossy channel. */
export const channel = { summary: 'datagrams per second through the lossy channel', run, report };
