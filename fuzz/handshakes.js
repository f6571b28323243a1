import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededPrng } from '../dist/base/prng.js';
import { sendFile } from '../dist/index.js';
import { Cannon } from './cannon.js';
import { prepareHellos } from './flood.js';
import { withCookie } from './hostile.js';
import { LiveReceiver } from './live-receiver.js';
import { Luck, repair } from './mutate.js';
import { loadTraffic } from './traffic.js';

const COOKIE_TYPE = 0x02;
const ID_AT = 6;
/** Honest senders: so many at once, so many times. */
const SENDERS = 4;
const ROUNDS = 10;
/** What the honest may wait for a small file beside a flood with good cookies, in milliseconds. */
const P99 = 3000;

const SCENES = {
  /** As forged sources send them. */
  'without cookies, nothing else going on': { rate: 20_000, sources: 1000, holds: false },
  'without cookies, while a session is open': { rate: 20_000, sources: 1000, holds: true },
  /** From addresses that are real, so that each opens a session as far as a stranger can. */
  'with good cookies of sixty hosts': { rate: 2000, sources: 60, holds: false, answers: true },
  'with good cookies of sixty hosts, while a session is open': { rate: 2000, sources: 60, holds: true, answers: true },
};

/** The time of each honest transfer beside such a flood; of those that failed, nothing. */
async function measure({ rate, sources, holds, answers }, luck, directory) {
  const receiver = await LiveReceiver.start(['--rename']);
  const options = { host: '127.0.0.1', port: receiver.port, security: { plaintext: true } };
  const stop = new AbortController();
  const slow = { maxRate: 250, congestion: 'fixed', window: 8 };
  const big = join(directory, 'big');
  const held = holds ? sendFile(big, { ...options, session: slow, signal: stop.signal }).catch(() => {}) : undefined;
  const shots = prepareHellos(luck);
  const hello = loadTraffic()[0].bytes;
  const cannon = await Cannon.aim(receiver.port, sources, (reply, index) => {
    if (answers && reply[0] === COOKIE_TYPE) cannon.fire(index, withCookie(hello, reply));
  });
  const fresh = () => {
    const other = Buffer.from(hello);
    luck.bytes(8).copy(other, ID_AT);
    return repair(other);
  };
  let isOver = false;
  const firing = cannon.barrage({
    rate,
    next: (fired) => (answers ? fresh() : shots[fired % shots.length]),
    isOver: () => isOver || receiver.crashed,
  });
  const times = [];
  const one = async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const startedAt = performance.now();
      await sendFile(join(directory, 'small'), options).then(
        () => times.push(performance.now() - startedAt),
        () => times.push(Number.POSITIVE_INFINITY),
      );
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, one));
  isOver = true;
  const wall = await firing;
  stop.abort();
  await held;
  cannon.close();
  const { crashed } = receiver;
  await receiver.stop();
  return { times: times.sort((a, b) => a - b), rate: (1000 * cannon.sent) / wall, crashed };
}

async function run({ seed, note }) {
  const luck = new Luck(new SeededPrng(seed, 'handshakes'));
  const directory = mkdtempSync(join(tmpdir(), 'udpcp-fuzz-'));
  const faults = [];
  const rows = [];
  try {
    writeFileSync(join(directory, 'small'), 'x');
    writeFileSync(join(directory, 'big'), '');
    truncateSync(join(directory, 'big'), 2e9);
    for (const [name, scene] of Object.entries(SCENES)) {
      note(`handshakes: ${name}`);
      const { times, rate, crashed } = await measure(scene, luck, directory);
      const at = (share) => times[Math.min(times.length - 1, Math.floor(share * times.length))];
      rows.push({ name, rate, p50: at(0.5), p99: at(0.99) });
      if (crashed) faults.push(`it crashed ${name}`);
      if (scene.answers && at(0.99) > P99) faults.push(`HELLOs ${name}: an honest sender waited ${at(0.99)} ms`);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  return { ok: faults.length === 0, faults, rows };
}

function report({ rows }) {
  const lines = rows.map(
    ({ name, rate, p50, p99 }) =>
      `${Math.round(rate)} a second ${name}: p50 ${Math.round(p50)} ms, p99 ${Math.round(p99)} ms`,
  );
  return lines.join('\n');
}

/** Honest senders beside floods of HELLOs. */
export const handshakes = {
  summary: 'honest handshakes beside floods of HELLOs, with and without good cookies',
  run,
  report,
};
