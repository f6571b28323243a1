import { crc32c } from '../dist/wire/crc32c.js';
import { DATA_HEADER, encodeData } from '../dist/wire/data-frame.js';
import { decodeFrames } from '../dist/wire/frames.js';
import { decodePacket } from '../dist/wire/packet.js';
import { plainProtection } from '../dist/wire/plain-protection.js';
import { PROTECTED, writeProtectedHeader } from '../dist/wire/protected-header.js';
import { count, percent, ratio, table } from './table.js';
import { measure } from './throughput.js';

const SIZES = [1200, 65_000];
const CONNECTION = { hi: 0x01020304, lo: 0x05060708 };

/** Writes a packet with as much content as its size leaves; returns its length. */
function encode(out, size, content, number) {
  const at = writeProtectedHeader(out, 0, CONNECTION, number);
  const end = size - plainProtection.tagLength;
  const length = end - at - DATA_HEADER;
  const payload = encodeData(out, at, number * length, false, length);
  out.set(content.subarray(0, length), payload);
  return plainProtection.seal(out, number, end);
}

/** Reads a packet to its last frame; throws when it is not what `encode` wrote. */
function decode(datagram) {
  const packet = decodePacket(datagram);
  const end = plainProtection.open(datagram, packet.packetNumber);
  const frames = decodeFrames(datagram, PROTECTED.frames, end);
  if (frames[0]?.kind !== 'data') throw new Error('the packet does not decode');
}

async function run({ runs, note }) {
  const rows = SIZES.flatMap((size) => {
    note(`codec: ${size} bytes`);
    const content = new Uint8Array(size).map((_, at) => at * 7);
    const out = new Uint8Array(size);
    const times = (work) =>
      measure((n) => {
        for (let at = 0; at < n; at += 1) work(at);
      }, runs);
    const copy = times(() => out.set(content));
    const works = {
      'CRC-32C': times(() => crc32c(content, 0, size)),
      encode: times((at) => encode(out, size, content, at)),
      decode: times(() => decode(out)),
    };
    return Object.entries(works).map(([name, { each, spread }]) => ({
      name,
      size,
      toCopy: each / copy.each,
      each,
      bytesPerSecond: (size / each) * 1000,
      spread,
    }));
  });
  return { ok: true, rows };
}

function report({ rows }) {
  const cells = rows.map(({ name, size, toCopy, each, bytesPerSecond, spread }) => [
    `${name}, ${count(size)} bytes`,
    ratio(toCopy),
    `${(each * 1000).toFixed(2)} µs`,
    `${count(1000 / each)}/s`,
    `${count(bytesPerSecond / 1e6)} MB/s`,
    percent(spread),
  ]);
  return `Packets with content and checksum; relative to copying as many bytes.

${table(['', 'to copy', 'each', 'packets', 'bytes', 'spread'], cells)}`;
}

/** Encoding and decoding packets. */
export const codec = { summary: 'packets written and read per second, and their checksum', run, report };
