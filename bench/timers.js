import { join } from 'node:path';
import { SeededPrng } from '../dist/base/prng.js';
import { Battery } from '../fuzz/battery.js';
import { prepareHellos } from '../fuzz/flood.js';
import { prepare } from '../fuzz/hostile.js';
import { LiveReceiver, UDPCP } from '../fuzz/live-receiver.js';
import { Luck } from '../fuzz/mutate.js';
import { start } from './processes.js';
import { median } from './statistics.js';
import { count, table } from './table.js';
import { createSparseFile, createWorkspace } from './workspace.js';

const REPORT_LATENESS = new URL('report-lateness.js', import.meta.url).href;
const SECONDS = 3;
const SOURCES = 64;
/** Of the file that is never finished, and how fast it comes. */
const ENDLESS = 2 ** 32;
const PACE = '20M';

/** Hostile datagrams a second, and whether they go to the receiver or to another port of its machine. */
const SCENES = [
  { name: 'in peace', rate: 0 },
  { name: '100,000 a second at another port', rate: 100_000, isElsewhere: true },
  { name: '20,000 a second', rate: 20_000 },
  { name: '40,000 a second', rate: 40_000 },
  { name: '100,000 a second', rate: 100_000 },
];

/** Noise, damaged traffic, and as many HELLOs. */
function prepareShots() {
  const luck = new Luck(new SeededPrng(1, 'timers'));
  const shots = [...prepare(luck), ...prepareHellos(luck), ...prepareHellos(luck)];
  return shots.map(() => luck.of(shots));
}

/** How late timers were while it lasted, and how many datagrams a second came. */
async function endure({ rate, isElsewhere }, { receiver, sink, battery, shots }) {
  await receiver.report(); // forgets what was before
  const droppedBefore = receiver.dropped;
  const port = isElsewhere ? sink.port : receiver.port;
  const counted =
    rate === 0
      ? await new Promise((resolve) => setTimeout(resolve, 1000 * SECONDS, { sent: 0, millis: 1000 * SECONDS }))
      : await battery.fire(port, { shots, sources: SOURCES, rate, seconds: SECONDS }).counted();
  const { median, p99, max } = await receiver.report();
  const perSecond = (datagrams) => (1000 * datagrams) / counted.millis;
  const read = isElsewhere ? 0 : perSecond(counted.sent - (receiver.dropped - droppedBefore));
  return { sent: perSecond(counted.sent), read, median, p99, max };
}

/** Cannons are written in C, and aim at many addresses of 127.0.0.0/8. */
function prepareBattery() {
  if (process.platform !== 'linux') return undefined;
  try {
    return new Battery();
  } catch {
    return undefined;
  }
}

async function run({ runs, note }) {
  const battery = prepareBattery();
  if (battery === undefined) return { ok: true, rows: undefined };
  const source = join(createWorkspace().directory, 'source');
  createSparseFile(source, ENDLESS);
  const receiver = await LiveReceiver.start([], REPORT_LATENESS);
  const sink = await battery.sink();
  const place = { receiver, sink, battery, shots: prepareShots() };
  const sender = start(process.execPath, [
    ...[UDPCP, 'send', source, `127.0.0.1:${receiver.port}`],
    ...['--plaintext', '--rate', PACE, '--json'],
  ]);
  const lost = sender.ended.then(() => Promise.reject(new Error('the transfer is over too soon')));
  lost.catch(() => {}); // nobody waits for it any more
  try {
    const rounds = [];
    for (let round = 0; round < runs; round += 1) {
      note(`timers: round ${round + 1} of ${runs}`);
      const results = [];
      for (const scene of SCENES) results.push(await Promise.race([endure(scene, place), lost]));
      rounds.push(results);
    }
    const rows = SCENES.map(({ name }, scene) => {
      const of = (what) => median(rounds.map((results) => results[scene][what]));
      return { name, sent: of('sent'), read: of('read'), median: of('median'), p99: of('p99'), max: of('max') };
    });
    return { ok: true, rows };
  } finally {
    sender.signal('SIGKILL');
    await sink.stop();
    await receiver.stop();
    battery.clear();
  }
}

function report({ rows }) {
  if (rows === undefined) return 'Not measured: this needs Linux and a C compiler.\n';
  const millis = (value) => `${value.toFixed(1)} ms`;
  const lines = rows.map(({ name, sent, read, ...late }) => [
    name,
    count(sent),
    count(read),
    millis(late.median),
    millis(late.p99),
    millis(late.max),
  ]);
  return `How late timers of a receiver act that has a session of ${PACE}bit/s, while hostile datagrams come; medians over the rounds.

${table(['', 'sent', 'read', 'median', '99 %', 'latest'], lines)}`;
}

/** Deadlines under fire. */
export const timers = { summary: 'how late the timers of a live receiver are under hostile datagrams', run, report };
