import { SeededPrng } from '../dist/base/prng.js';
import { Cannon } from './cannon.js';
import { LiveReceiver } from './live-receiver.js';
import { Luck, mutate, repair } from './mutate.js';
import { loadTraffic } from './traffic.js';

const MEBIBYTE = 2 ** 20;
const MAX_GROWTH = 16 * MEBIBYTE;
const SOURCES = 64;
/** The largest thing a stranger is told: ACCEPT. */
const LARGEST_REPLY = 126;
const COOKIE_TYPE = 0x02;
const COOKIE_AT = 10;
const HELLO_COOKIE_AT = 34;
const ID = 8;
/** Prepared before the barrage: making them costs more than sending them. */
const KINDS = 4096;

/** Datagrams of every hostile kind: noise, damaged traffic with and without a right checksum, HELLOs of all kinds. */
export function prepare(luck) {
  const traffic = loadTraffic().map(({ bytes }) => bytes);
  const hello = traffic[0];
  return Array.from({ length: KINDS }, (_, index) => {
    switch (index % 8) {
      case 0:
        return luck.bytes(luck.below(luck.of([2, 16, 64, 1500, 1500, 9000])));
      case 1: {
        const bytes = luck.bytes(luck.below(1500));
        if (bytes.length > 0) bytes[0] = luck.of([1, 2, 3, 4, 5, 0x40, 0x41]);
        return bytes;
      }
      case 2:
        return luck.of(traffic);
      case 3:
        return mutate(luck.of(traffic), luck, luck.of(traffic));
      case 4:
        return repair(mutate(hello, luck, luck.of(traffic)));
      case 5:
        return repair(mutate(hello.subarray(0, 138), luck, luck.of(traffic)));
      default:
        return repair(mutate(luck.of(traffic), luck, luck.of(traffic)));
    }
  });
}

/** The HELLO again, with the cookie that came for it. */
export function withCookie(hello, cookie) {
  const again = Buffer.from(hello);
  cookie.copy(again, HELLO_COOKIE_AT, COOKIE_AT, COOKIE_AT + 24);
  cookie.copy(again, 6, 2, 2 + ID);
  return repair(again);
}

async function run({ count, rate, seed, note }) {
  const luck = new Luck(new SeededPrng(seed, 'hostile'));
  const shots = prepare(luck);
  const hello = loadTraffic()[0].bytes;
  const receiver = await LiveReceiver.start();
  try {
    const cookies = [];
    const cannon = await Cannon.aim(receiver.port, SOURCES, (reply, index) => {
      if (reply[0] === COOKIE_TYPE && cookies.length < 16) cookies.push({ reply, index });
    });
    await cannon.barrage({ count: 20_000, rate, next: () => luck.of(shots) }); // a warm-up
    const before = await receiver.report();
    const wall = await cannon.barrage({
      count,
      rate,
      isOver: () => receiver.crashed,
      next: (fired) => {
        if (fired % 10_000 === 0) note(`hostile: ${fired} of ${count}`);
        const given = fired % 100 === 0 ? cookies.pop() : undefined;
        if (given !== undefined) cannon.fire(given.index, withCookie(hello, given.reply));
        return luck.of(shots);
      },
    });
    const dropped = receiver.dropped;
    await quiet(receiver);
    const after = await receiver.report();
    cannon.close();
    return { ...judge(receiver, cannon, before, after), wall, dropped, cannon: { ...cannon }, before, after };
  } finally {
    await receiver.stop();
  }
}

/** Its pending sessions are over after their idle timeout. */
async function quiet(receiver) {
  const until = performance.now() + 33_000;
  while (performance.now() < until && !receiver.crashed) await new Promise((resolve) => setTimeout(resolve, 500));
}

function judge(receiver, cannon, before, after) {
  const faults = [];
  if (receiver.crashed) faults.push(`it crashed: ${receiver.words}`);
  if (receiver.files.length > 0) faults.push(`files were made: ${receiver.files}`);
  if (cannon.largestReply > LARGEST_REPLY) faults.push(`a reply of ${cannon.largestReply} bytes`);
  if (cannon.replies > cannon.triggers) faults.push(`${cannon.replies} replies to ${cannon.triggers} triggers`);
  if (after.rss - before.rss > MAX_GROWTH) faults.push(`it grew by ${after.rss - before.rss} bytes`);
  return { ok: faults.length === 0, faults };
}

function report({ cannon, wall, dropped, before, after }) {
  const mib = (bytes) => `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
  return `${cannon.sent} datagrams in ${(wall / 1000).toFixed(1)} s (${Math.round((1000 * cannon.sent) / wall)}/s), ${dropped} of them beyond what its socket holds
${cannon.replies} replies to ${cannon.triggers} triggers, the largest of ${cannon.largestReply} bytes; ${((100 * cannon.replyBytes) / cannon.bytesSent).toFixed(2)} % of the bytes sent
memory ${mib(before.rss)} before, ${mib(after.rss)} after; heap ${mib(before.heap)} and ${mib(after.heap)}`;
}

/** A live receiver under fire: random bytes, damaged and repaired traffic, HELLOs. */
export const hostile = { summary: 'hostile datagrams at a live receiver', run, report };
