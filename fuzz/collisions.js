import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededPrng } from '../dist/base/prng.js';
import { receiveFiles, sendFile } from '../dist/index.js';
import { sessionConfig } from '../dist/session/config.js';
import { Listener } from '../dist/session/listener.js';
import { plainAcceptor } from '../dist/session/plain-agreement.js';
import { simulatedCookies } from '../dist/sim/simulated-cookies.js';
import { Luck, repair } from './mutate.js';
import { loadTraffic } from './traffic.js';

const ROUNDS = 3;
/** What is chosen may take so many times as long as what is random. */
const MOST = 2;
const FROM = '10.0.0.1:5000';
const ID = { at: 6, length: 8 };
const COOKIE_AT = 34;
const SESSIONS = 256;
const ENTRIES = 1000;
/** V8 hashes texts of digits without its seed: of long ones it takes the low 24 bits, and the length. */
const DIGITS = { from: 2n ** 52n, step: 2n ** 24n };

/** A listener that has as many sessions as it may. */
function listenTo(hellos) {
  const limits = { pendingPerHost: SESSIONS, handshakes: { perSecond: 1e9, burst: 1e9 } };
  const listener = new Listener(sessionConfig(), new SeededPrng(1), simulatedCookies, plainAcceptor, limits);
  for (const hello of hellos) listener.handleDatagram(0, hello, FROM);
  if (listener.sessionCount !== SESSIONS) throw new Error(`${listener.sessionCount} of ${SESSIONS} sessions`);
  return listener;
}

/** HELLOs with good cookies whose attempts have these ids. */
function hellosOf(ids) {
  const plain = loadTraffic()[0].bytes;
  return ids.map(({ hi, lo }) => {
    const hello = Buffer.from(plain);
    hello.writeUInt32BE(hi, ID.at);
    hello.writeUInt32BE(lo, ID.at + 4);
    hello.set(simulatedCookies.bake(0, FROM, { hi, lo }), COOKIE_AT);
    return repair(hello);
  });
}

const randomIds = (count, luck) =>
  Array.from({ length: count }, () => ({ hi: luck.below(2 ** 32), lo: luck.below(2 ** 32) }));

/** Milliseconds for `count` of these datagrams. */
function timeOf(listener, datagrams, count) {
  const startedAt = performance.now();
  for (let i = 0; i < count; i += 1) listener.handleDatagram(0, datagrams[i % datagrams.length], FROM);
  return performance.now() - startedAt;
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

/** Random and chosen in turns; the median of the rounds' ratios. */
async function compare(random, chosen) {
  const ratios = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const [one, other] = [await random(), await chosen()];
    if (round > 0) ratios.push(other / one); // the first only warms up
  }
  return median(ratios);
}

/** Ids of attempts, which initiators choose: they are kept, and looked up with every copy of a HELLO. Connection ids are the receiver's own. */
function attempts(count, luck) {
  const scene = (ids) => {
    const hellos = hellosOf(ids);
    const listener = listenTo(hellos);
    return () => timeOf(listener, hellos, count);
  };
  const chosen = Array.from({ length: SESSIONS }, (_, i) => ({ hi: 0, lo: (i * 2 ** 24) >>> 0 }));
  return compare(scene(randomIds(SESSIONS, luck)), scene(chosen));
}

/** Names of files and directories, sent and received. */
async function names(luck) {
  const directory = mkdtempSync(join(tmpdir(), 'udpcp-fuzz-'));
  const security = { plaintext: true };
  let sendings = 0;
  const time = (name) => async () => {
    const source = join(directory, `source-${++sendings}`);
    mkdirSync(source);
    for (let i = 0; i < ENTRIES; i += 1) {
      const path = join(source, name(i));
      if (i % 2 === 0) writeFileSync(path, '');
      else mkdirSync(path);
    }
    const out = join(directory, `out-${sendings}`);
    const receiver = await receiveFiles({ security, out, address: '127.0.0.1', port: 0, fsync: false });
    const startedAt = performance.now();
    await sendFile(source, { host: '127.0.0.1', port: receiver.address.port, security });
    const took = performance.now() - startedAt;
    await receiver.close();
    const count = readdirSync(join(out, `source-${sendings}`)).length;
    if (count !== ENTRIES) throw new Error(`${count} of ${ENTRIES} came`);
    return took;
  };
  try {
    return await compare(
      time((i) => `${DIGITS.from + BigInt(i) * DIGITS.step + BigInt(luck.below(2 ** 24))}`),
      time((i) => `${DIGITS.from + BigInt(i) * DIGITS.step}`),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function run({ count, seed, note }) {
  const luck = new Luck(new SeededPrng(seed, 'collisions'));
  const each = Math.min(count, 100_000);
  note('collisions');
  const ratios = {
    'ids of attempts': await attempts(each, luck),
    'names of files and directories': await names(luck),
  };
  const faults = Object.entries(ratios)
    .filter(([, ratio]) => ratio > MOST)
    .map(([what, ratio]) => `${what} that were chosen take ${ratio.toFixed(2)} times as long as random ones`);
  return { ok: faults.length === 0, faults, ratios, each };
}

function report({ ratios, each }) {
  const lines = Object.entries(ratios).map(([what, ratio]) => `${what}: ${ratio.toFixed(2)} times as long`);
  return `${each} HELLOs, and ${ENTRIES} entries, with ids and names that were chosen to collide instead of random ones\n${lines.join('\n')}`;
}

/** What a peer chooses that becomes a key of a table. */
export const collisions = { summary: 'ids and names chosen to collide, against random ones', run, report };
