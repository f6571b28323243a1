import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededPrng } from '../dist/base/prng.js';
import { Battery } from './battery.js';
import { prepareHellos } from './flood.js';
import { prepare } from './hostile.js';
import { LiveReceiver, UDPCP } from './live-receiver.js';
import { Luck } from './mutate.js';

const SOURCES = 64;
const ROUNDS = 3;
const ENOUGH = 0.7;
/** A transfer that takes longer counts as one that takes so long, in milliseconds. */
const PATIENCE = 30_000;
/** What a network gives a transfer, and as much as the machine gives. */
const SPEEDS = { '100 Mbit/s': { size: 40e6, options: ['--rate', '100M'] }, unlimited: { size: 250e6, options: [] } };

/** The time that a transfer takes, in milliseconds, from its beginning to the receipt; at most `PATIENCE`. */
async function send(path, port, name, options) {
  const words = ['send', path, `127.0.0.1:${port}`, '--as', name, '--json', '--plaintext', ...options];
  const child = spawn(process.execPath, [UDPCP, ...words], { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
  let isLate = false;
  const late = setTimeout(() => (isLate = child.kill('SIGTERM')), PATIENCE);
  const [code] = await once(child, 'close');
  clearTimeout(late);
  if (isLate) return PATIENCE;
  if (code !== 0) throw new Error(`the transfer ended with ${code}: ${said}`);
  return JSON.parse(said).elapsedMs;
}

let files = 0;

/** One transfer alone, one beside an attack on somebody else, one through an attack on its receiver; in turns. */
async function compare({ path, receiver, sink, battery, attack, options }) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const times = {};
    for (const [scene, port] of Object.entries({ peace: undefined, beside: sink.port, under: receiver.port })) {
      const gun = port && battery.fire(port, attack);
      const time = await send(path, receiver.port, `file-${files++}`, options);
      const counted = await gun?.cease();
      times[scene] = { time, rate: counted && (1000 * counted.sent) / counted.millis };
    }
    rounds.push(times);
  }
  return rounds;
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

async function run({ rate, seed, note }) {
  const luck = new Luck(new SeededPrng(seed, 'through'));
  const shots = [...prepare(luck), ...prepareHellos(luck), ...prepareHellos(luck)];
  const attack = { shots: shots.map(() => luck.of(shots)), sources: SOURCES, rate };
  const directory = mkdtempSync(join(tmpdir(), 'udpcp-fuzz-'));
  const battery = new Battery();
  const sink = await battery.sink();
  const receiver = await LiveReceiver.start();
  try {
    const path = join(directory, 'file');
    writeFileSync(path, '');
    const faults = [];
    const rows = [];
    for (const [name, { size, options }] of Object.entries(SPEEDS)) {
      note(`through: ${name}`);
      truncateSync(path, size);
      const rounds = await compare({ path, receiver, sink, battery, attack, options });
      const of = (scene, what) => median(rounds.map((times) => times[scene][what]));
      const against = (scene) => median(rounds.map((times) => times[scene].time / times.under.time));
      const speed = (scene) => size / 125 / of(scene, 'time');
      rows.push({
        name,
        speeds: { peace: speed('peace'), beside: speed('beside'), under: speed('under') },
        rates: { beside: of('beside', 'rate'), under: of('under', 'rate') },
        toPeace: against('peace'),
        toBeside: against('beside'),
      });
      if (rows.at(-1).toBeside < ENOUGH) faults.push(`${name}: what its own receiver is sent slows it down too much`);
    }
    return { ok: faults.length === 0, faults, rows };
  } finally {
    await sink.stop();
    rmSync(directory, { recursive: true });
    await receiver.stop();
    battery.clear();
  }
}

function report({ rows }) {
  return rows
    .map(({ name, speeds, rates, toPeace, toBeside }) => {
      const mbit = (speed) => `${speed.toFixed(0)} Mbit/s`;
      const percent = (share) => `${Math.round(100 * share)} %`;
      return `${name}: ${mbit(speeds.peace)} in peace; ${mbit(speeds.beside)} beside ${Math.round(rates.beside)} hostile datagrams a second at another port;
  ${mbit(speeds.under)} through ${Math.round(rates.under)} a second at its receiver: ${percent(toPeace)} of peace, ${percent(toBeside)} of beside`;
    })
    .join('\n');
}

/** A transfer through the fire. */
export const through = { summary: 'transfers through hostile datagrams, beside them and in peace', run, report };
