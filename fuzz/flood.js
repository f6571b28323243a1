import { SeededPrng } from '../dist/base/prng.js';
import { Cannon } from './cannon.js';
import { LiveReceiver } from './live-receiver.js';
import { Luck, repair } from './mutate.js';
import { loadTraffic } from './traffic.js';

const MEBIBYTE = 2 ** 20;
const MAX_GROWTH = 8 * MEBIBYTE;
const RATE = 100_000;
const SECONDS = 20;
/** Each has an address and a port of its own, as forged sources would. */
const SOURCES = 1000;
const KINDS = 2000;
const ID = { at: 6, length: 8 };
const COOKIE = { at: 34, length: 24 };

/** HELLOs that differ in the id of their attempt, half of them with a cookie that nobody baked. */
export function prepareHellos(luck) {
  const hello = loadTraffic()[0].bytes;
  return Array.from({ length: KINDS }, (_, index) => {
    const other = Buffer.from(hello);
    luck.bytes(ID.length).copy(other, ID.at);
    if (index % 2 === 1) luck.bytes(COOKIE.length).copy(other, COOKIE.at);
    return repair(other);
  });
}

async function run({ seconds = SECONDS, seed, note }) {
  const shots = prepareHellos(new Luck(new SeededPrng(seed, 'flood')));
  const receiver = await LiveReceiver.start(['--verbose']); // so that it says when a session begins
  try {
    const cannon = await Cannon.aim(receiver.port, SOURCES);
    await cannon.barrage({ count: RATE, rate: RATE, next: (fired) => shots[fired % KINDS] }); // a warm-up
    const before = await receiver.memory();
    note(`flood: ${seconds} s`);
    const wall = await cannon.barrage({
      count: seconds * RATE,
      rate: RATE,
      isOver: () => receiver.crashed,
      next: (fired) => shots[fired % KINDS],
    });
    const after = await receiver.memory();
    cannon.close();
    const faults = [];
    if (receiver.words.includes('began')) faults.push('a session came about');
    if (receiver.files.length > 0) faults.push(`files were made: ${receiver.files}`);
    if (after.heap - before.heap > MAX_GROWTH) faults.push(`the heap grew by ${after.heap - before.heap} bytes`);
    if (cannon.replyBytes > 0.1 * cannon.bytesSent) faults.push(`${cannon.replyBytes} bytes of replies`);
    return { ok: faults.length === 0, faults, wall, dropped: receiver.dropped, cannon: { ...cannon }, before, after };
  } finally {
    await receiver.stop();
  }
}

function report({ cannon, wall, dropped, before, after }) {
  const mib = (bytes) => `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
  return `${cannon.sent} HELLOs from ${SOURCES} addresses, ${Math.round((cannon.sent - RATE) / (wall / 1000))} a second; ${dropped} beyond what its socket holds
${cannon.replies} answered, with ${((100 * cannon.replyBytes) / cannon.bytesSent).toFixed(2)} % of the bytes sent
heap ${mib(before.heap)} before, ${mib(after.heap)} after; memory ${mib(before.rss)} and ${mib(after.rss)}`;
}

/** HELLOs as forged sources send them. */
export const flood = { summary: '100,000 HELLOs a second from 1,000 addresses', run, report };
