import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { SeededPrng } from '../dist/base/prng.js';
import { parseRecording } from '../dist/channel/recording-parser.js';
import { printable } from '../dist/printable.js';
import { checkName } from '../dist/store/names.js';
import { parseJournal } from '../dist/store/part/journal.js';
import { MessageReader } from '../dist/transfer/message-reader.js';
import { decodeFrames } from '../dist/wire/frames.js';
import { decodePacket } from '../dist/wire/packet.js';
import { Luck, mutate, repair } from './mutate.js';
import { CORPUS, loadMessages, loadTraffic } from './traffic.js';

const FRAMES_AT = 15;
const TAG = 4;

/** Everything that reads what others wrote. None may throw, whatever the bytes are. */
const DECODERS = {
  packet: decodePacket,
  frames: (bytes) => decodeFrames(bytes, Math.min(FRAMES_AT, bytes.length), bytes.length),
  messages(bytes) {
    const reader = new MessageReader();
    for (let at = 0; at < bytes.length; at += 700) {
      reader.push(bytes.subarray(at, at + 700));
      while (reader.poll() !== undefined);
    }
  },
  name: (bytes) => checkName(bytes),
  printable(bytes) {
    const shown = printable(bytes, { max: 80 });
    if (/[\p{Cc}\p{Bidi_Control}]/u.test(shown)) throw new Error(`not printable: ${JSON.stringify(shown)}`);
  },
  journal: parseJournal,
  recording: (bytes) => parseRecording(bytes.toString()),
};

/** The name of the decoder that this input breaks, and how. */
function findFault(bytes) {
  for (const [name, decode] of Object.entries(DECODERS)) {
    try {
      decode(Buffer.from(bytes));
    } catch (error) {
      return `${name}: ${error.stack}`;
    }
  }
  return undefined;
}

/** What once broke something is tried first, in every run. */
function replay() {
  const names = readdirSync(CORPUS).filter((name) => name.endsWith('.bin'));
  const inputs = [
    ...loadTraffic().map(({ bytes }) => bytes),
    ...names.map((name) => readFileSync(new URL(name, CORPUS))),
  ];
  return { count: inputs.length, faults: inputs.flatMap((bytes) => findFault(bytes) ?? []) };
}

function run({ count, seed, note }) {
  const luck = new Luck(new SeededPrng(seed, 'decoders'));
  const { count: replayed, faults } = replay();
  const traffic = loadTraffic().map(({ bytes }) => bytes);
  const payloads = traffic.map((bytes) => bytes.subarray(FRAMES_AT, Math.max(FRAMES_AT, bytes.length - TAG)));
  const messages = loadMessages();
  const startedAt = performance.now();
  for (let tried = 0; tried < count && faults.length === 0; tried += 1) {
    const pool = luck.of([traffic, payloads, messages]);
    const changed = luck.below(8) === 0 ? luck.bytes(luck.below(300)) : mutate(luck.of(pool), luck, luck.of(pool));
    const bytes = luck.below(2) === 0 ? changed : repair(changed);
    const fault = findFault(bytes);
    if (tried % 10_000 === 0) note(`decoders: ${tried} of ${count}`);
    if (fault === undefined) continue;
    const name = `seed-${seed}-${tried}.bin`;
    writeFileSync(new URL(name, CORPUS), bytes); // from now on it is tried in every run
    faults.push(`fixtures/corpus/${name}: ${fault}`);
  }
  return { ok: faults.length === 0, faults, replayed, count, wall: performance.now() - startedAt };
}

function report({ replayed, count, wall }) {
  return `${replayed} inputs of the corpus and ${count} new ones, ${Math.round((1000 * count) / wall)} a second`;
}

/** The pure decoders. */
export const decoders = { summary: 'damaged traffic and noise at everything that decodes', run, report };
