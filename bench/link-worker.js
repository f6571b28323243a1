// One thread of the `links` part: takes jobs, answers each with how much longer than ideal the transfer took.
import { parentPort } from 'node:worker_threads';
import { simulateTransfer } from '../dist/sim/simulate-transfer.js';
import { memoryEntry } from '../dist/transfer/memory-source.js';
import { LINKS, SIZE } from './link-table.js';

/** Bytes per millisecond in a megabit per second. */
const MBIT = 125;
/** Room for headers in the ideal. */
const OVERHEAD = 1.04;
/** Content is not what is measured here: a digest that costs nothing. */
const noDigest = () => ({ update: () => {}, digest: () => new Uint8Array(32) });
/** Nobody gives up however slow it is. */
const PATIENT = { idleTimeout: 600_000 };

function idealTime({ rate, delay, loss = 0, burst }) {
  const lost = burst === undefined ? loss : burst.enter / (burst.enter + burst.leave);
  return 4 * delay + (SIZE * OVERHEAD) / (rate * MBIT * (1 - lost));
}

function simulate({ link, arq, congestion, seed }) {
  const { rate, ...spec } = LINKS[link];
  const content = { size: SIZE, generate: (_offset, length) => new Uint8Array(length) };
  const { end, time } = simulateTransfer({
    seed,
    entries: [memoryEntry('file', content, noDigest)],
    createDigest: noDigest,
    sender: { arq, congestion, ...PATIENT },
    receiver: PATIENT,
    forward: { ...spec, rate: rate * MBIT },
    backward: { ...spec, rate: rate * MBIT },
    store: { keepBytes: false },
  });
  if (end?.kind !== 'complete') throw new Error(`${arq} with ${congestion}, seed ${seed}, never got through`);
  return time / idealTime(LINKS[link]);
}

parentPort.on('message', (job) => parentPort.postMessage(simulate(job)));
