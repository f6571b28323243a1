import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededPrng } from '../dist/base/prng.js';
import { Cannon } from './cannon.js';
import { prepareHellos } from './flood.js';
import { prepare } from './hostile.js';
import { LiveReceiver, UDPCP } from './live-receiver.js';
import { Luck } from './mutate.js';

const SOURCES = 64;
const SIZE = 100_000_000;
/** What a network gives a transfer: without it, what is compared would be who gets the processor. */
const LINK = '100M';
const ENOUGH = 0.7;

async function send(path, port, name, options) {
  const child = spawn(
    process.execPath,
    [UDPCP, 'send', path, `127.0.0.1:${port}`, '--as', name, '--json', '--plaintext', ...options],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the transfer ended with ${code}: ${said}`);
  return JSON.parse(said).elapsedMs;
}

async function run({ rate, seed, note }) {
  const luck = new Luck(new SeededPrng(seed, 'through'));
  const shots = [...prepare(luck), ...prepareHellos(luck), ...prepareHellos(luck)];
  const directory = mkdtempSync(join(tmpdir(), 'udpcp-fuzz-'));
  const receiver = await LiveReceiver.start();
  try {
    const path = join(directory, 'file');
    writeFileSync(path, '');
    truncateSync(path, SIZE);
    const options = ['--rate', LINK];
    note('through: in peace');
    const alone = await send(path, receiver.port, 'alone', options);
    const cannon = await Cannon.aim(receiver.port, SOURCES);
    let isOver = false;
    const firing = cannon.barrage({ rate, next: () => luck.of(shots), isOver: () => isOver });
    note('through: under fire');
    const under = await send(path, receiver.port, 'under', options).finally(() => (isOver = true));
    await firing;
    cannon.close();
    const faults = alone / under >= ENOUGH ? [] : ['it was slowed down too much'];
    return { ok: faults.length === 0, faults, alone, under, rate: (1000 * cannon.sent) / under };
  } finally {
    rmSync(directory, { recursive: true });
    await receiver.stop();
  }
}

function report({ alone, under, rate }) {
  const speed = (millis) => `${(SIZE / 125 / millis).toFixed(1)} Mbit/s`;
  return `${speed(alone)} in peace, ${speed(under)} (${Math.round((100 * alone) / under)} %) beside ${Math.round(rate)} hostile datagrams a second`;
}

/** A transfer through the fire. */
export const through = { summary: 'a transfer beside hostile datagrams', run, report };
