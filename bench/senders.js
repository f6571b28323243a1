import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { start } from './processes.js';
import { median, spread } from './statistics.js';
import { percent, ratio, seconds, size as sizeOf, table } from './table.js';
import { compare, createRandomFile, createSparseFile, createWorkspace } from './workspace.js';

const UDPCP = fileURLToPath(new URL('../bin/udpcp.js', import.meta.url));
const FAST = 10;
const DEFAULT_SIZE = 32 * 2 ** 20;
/** Of the file that the slow and the silent one never finish. */
const ENDLESS = 2 ** 32;

const run = (words) => start(process.execPath, [UDPCP, ...words]);

/** A receiver of its own, and how to send to it. */
async function listen(inbox) {
  const receiver = run(['recv', '--out', inbox, '--bind', '127.0.0.1', '--port', '0', '--jsonl']);
  const { port } = JSON.parse(await receiver.greeting);
  const send = (source, name, ...options) =>
    run(['send', source, `127.0.0.1:${port}`, '--as', name, '--json', ...options]);
  return { send, stop: () => receiver.signal('SIGKILL') };
}

/** One sender of 1 kB/s, and one that was stopped in the middle of its session: both hold one. */
async function burden(send, endless, inbox) {
  const slow = send(endless, 'slow', '--rate', '1kB');
  await untilArriving(inbox, 1);
  const silent = send(endless, 'silent', '--rate', '1M');
  await untilArriving(inbox, 2);
  silent.signal('SIGSTOP');
  return () => {
    for (const { signal } of [slow, silent]) signal('SIGKILL');
  };
}

/** So many files have begun to come. */
async function untilArriving(inbox, count) {
  while (readdirSync(inbox).filter((name) => name.endsWith('.part')).length < count) await setTimeout(50);
}

/** How long each of the fast ones took, in milliseconds. */
async function measure(directory, { source, endless, isBurdened }) {
  const inbox = join(directory, 'shared');
  const { send, stop } = await listen(inbox);
  const relieve = isBurdened ? await burden(send, endless, inbox) : () => {};
  const fast = Array.from({ length: FAST }, (_, i) => send(source, `fast-${i}`).ended);
  const times = (await Promise.all(fast)).map(({ stdout }) => JSON.parse(stdout).elapsedMs);
  for (let i = 0; i < FAST; i += 1) await compare(source, join(inbox, `fast-${i}`));
  relieve();
  stop();
  rmSync(inbox, { recursive: true });
  return times;
}

async function runAll({ size = DEFAULT_SIZE, runs, note }) {
  const { directory } = createWorkspace();
  const source = join(directory, 'source');
  const endless = join(directory, 'endless');
  await createRandomFile(source, size);
  createSparseFile(endless, ENDLESS);
  const rounds = [];
  for (let round = 0; round <= runs; round += 1) {
    note(`senders: ${round === 0 ? 'warm-up' : `round ${round} of ${runs}`}`);
    // Each goes first every second time: whatever disturbs the machine disturbs both.
    const order = round % 2 === 0 ? [false, true] : [true, false];
    const times = new Map();
    for (const isBurdened of order) times.set(isBurdened, await measure(directory, { source, endless, isBurdened }));
    if (round > 0) rounds.push({ alone: times.get(false), burdened: times.get(true) });
  }
  const alone = rounds.map((round) => median(round.alone));
  const burdened = rounds.map((round) => median(round.burdened));
  const unevenness = rounds.map((round) => Math.max(...round.alone) / Math.min(...round.alone));
  const kept = median(rounds.map((_, i) => alone[i] / burdened[i]));
  return { ok: true, size, alone, burdened, kept, unevenness: median(unevenness) };
}

function report({ size, alone, burdened, kept, unevenness }) {
  const row = (name, times) => [name, seconds(median(times)), percent(spread(times))];
  return `${FAST} senders of ${sizeOf(size)} each into one directory, over loopback; medians of ${alone.length} rounds.

${table(['each', 'time', 'spread'], [row('alone', alone), row('beside one of 1 kB/s and a silent one', burdened)])}
They keep ${percent(kept)} of their speed; alone, the slowest takes ${ratio(unevenness)} the time of the fastest.
`;
}

/** Many at once. */
export const senders = {
  summary: 'ten senders at once, alone and beside a slow and a silent one',
  run: runAll,
  report,
};
