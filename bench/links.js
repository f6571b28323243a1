import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { diffLines, formatLinks, JOBS } from './link-table.js';

const TABLE = new URL('links.txt', import.meta.url);

async function run({ update, note }) {
  const table = formatLinks(await simulateAll(note));
  const before = update ? table : readFileSync(TABLE, 'utf8');
  if (update) writeFileSync(TABLE, table);
  const difference = diffLines(before, table);
  return { ok: difference === '', table, difference };
}

/** Every job's ratio, in the jobs' order, from as many threads as there are cores. */
async function simulateAll(note) {
  const workers = Array.from({ length: availableParallelism() }, createWorker);
  const ratios = [];
  const queue = JOBS.entries();
  const workThrough = async (worker) => {
    // All take from one queue.
    for (const [at, job] of queue) {
      worker.postMessage(job);
      [ratios[at]] = await once(worker, 'message');
      note(`links: ${at + 1} of ${JOBS.length} simulations`);
    }
  };
  try {
    await Promise.all(workers.map(workThrough));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return ratios;
}

const createWorker = () => new Worker(new URL('link-worker.js', import.meta.url));

function report({ ok, table, difference }) {
  if (ok) return table;
  return `${table}\nNot what bench/links.txt says (- there, + now; --update accepts it):\n\n${difference}`;
}

/** Completion times on simulated links, compared with those of bench/links.txt. */
export const links = { summary: 'completion times on simulated links, against bench/links.txt', run, report };
