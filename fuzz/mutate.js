import { crc32c } from '../dist/wire/crc32c.js';

const CRC = 4;
/** Numbers at which lengths and offsets turn over. */
const EDGES = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** Random choices that a seed repeats. */
export class Luck {
  #prng;

  constructor(prng) {
    this.#prng = prng;
  }

  /** 0..count - 1. */
  below(count) {
    return Math.floor(this.#prng.next() * count);
  }

  of(list) {
    return list[this.below(list.length)];
  }

  bytes(length) {
    const bytes = Buffer.allocUnsafe(length);
    for (let at = 0; at < length; at += 1) bytes[at] = this.#prng.nextUint32() >>> 24;
    return bytes;
  }
}

const MUTATIONS = [
  function flip(bytes, luck) {
    if (bytes.length > 0) bytes[luck.below(bytes.length)] ^= 1 << luck.below(8);
    return bytes;
  },
  function edge(bytes, luck) {
    const width = luck.of([1, 2, 4]);
    if (bytes.length < width) return bytes;
    bytes.writeUIntBE(luck.of(EDGES) % 2 ** (8 * width), luck.below(bytes.length - width + 1), width);
    return bytes;
  },
  /** Where the headers are: the rest is content. */
  function head(bytes, luck) {
    if (bytes.length > 0) bytes[luck.below(Math.min(bytes.length, 64))] = luck.below(256);
    return bytes;
  },
  function cut(bytes, luck) {
    return bytes.subarray(0, luck.below(bytes.length + 1));
  },
  function grow(bytes, luck) {
    return Buffer.concat([bytes, luck.bytes(luck.below(64))]);
  },
  function splice(bytes, luck, other) {
    return Buffer.concat([
      bytes.subarray(0, luck.below(bytes.length + 1)),
      other.subarray(luck.below(other.length + 1)),
    ]);
  },
  function repeat(bytes, luck) {
    const at = luck.below(bytes.length + 1);
    const piece = bytes.subarray(at, at + luck.below(40));
    return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
  },
];

/** A copy with one to four changes; `other` is what may be spliced in. */
export function mutate(bytes, luck, other) {
  let changed = Buffer.from(bytes);
  for (let changes = 1 + luck.below(4); changes > 0; changes -= 1) changed = luck.of(MUTATIONS)(changed, luck, other);
  return changed;
}

/** Makes the last four bytes the right CRC-32C: without it nothing that was changed would be looked at. */
export function repair(bytes) {
  if (bytes.length >= CRC) bytes.writeUInt32BE(crc32c(bytes, 0, bytes.length - CRC), bytes.length - CRC);
  return bytes;
}
