import { SeededPrng } from '../dist/base/prng.js';
import { Battery } from './battery.js';
import { LiveReceiver } from './live-receiver.js';
import { Luck, repair } from './mutate.js';
import { loadTraffic } from './traffic.js';

const MEBIBYTE = 2 ** 20;
const MAX_GROWTH = 8 * MEBIBYTE;
const RATE = 100_000;
/** What counts as that rate: clocks and schedulers are not exact. */
const ENOUGH = 0.98;
const WARM_UP_SECONDS = 1;
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

async function run({ seconds, seed, note }) {
  const shots = prepareHellos(new Luck(new SeededPrng(seed, 'flood')));
  const battery = new Battery();
  const receiver = await LiveReceiver.start(['--verbose']); // so that it says when a session begins
  const fire = (span) => battery.fire(receiver.port, { shots, sources: SOURCES, rate: RATE, seconds: span }).counted();
  try {
    await fire(WARM_UP_SECONDS);
    const before = await receiver.report();
    const droppedBefore = receiver.dropped;
    note(`flood: ${seconds} s`);
    const counted = await fire(seconds);
    const dropped = receiver.dropped - droppedBefore;
    const after = await receiver.report();
    const faults = [];
    if (counted.sent < ENOUGH * RATE * seconds) faults.push('this machine cannot send so many: nothing is shown');
    if (receiver.words.includes('began')) faults.push('a session came about');
    if (receiver.files.length > 0) faults.push(`files were made: ${receiver.files}`);
    if (after.heap - before.heap > MAX_GROWTH) faults.push(`the heap grew by ${after.heap - before.heap} bytes`);
    if (counted.replyBytes > 0.1 * counted.bytesSent) faults.push(`${counted.replyBytes} bytes of replies`);
    return { ok: faults.length === 0, faults, counted, dropped, before, after };
  } finally {
    await receiver.stop();
    battery.clear();
  }
}

function report({ counted, dropped, before, after }) {
  const { sent, millis, replies, replyBytes, bytesSent } = counted;
  const mib = (bytes) => `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
  const perSecond = (count) => Math.round((1000 * count) / millis);
  return `${sent} HELLOs from ${SOURCES} addresses in ${(millis / 1000).toFixed(1)} s, ${perSecond(sent)} a second; ${perSecond(sent - dropped)} a second were read, the others are beyond what its socket holds
${replies} answered, with ${((100 * replyBytes) / bytesSent).toFixed(2)} % of the bytes sent
heap ${mib(before.heap)} before, ${mib(after.heap)} after; memory ${mib(before.rss)} and ${mib(after.rss)}`;
}

/** HELLOs as forged sources send them. */
export const flood = { summary: '100,000 HELLOs a second from 1,000 addresses', run, report };
