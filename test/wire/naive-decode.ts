import type { MalformedReason } from '../../src/wire/malformed.ts';
import { bitwiseCrc32c } from './layout.ts';
import { toHex } from './vector-file.ts';

// The oracle for decoding: fields are taken one after the other and every rule of PROTOCOL.md is one line that throws.
// What comes out is JSON as in fixtures/vectors.json.

class Refused extends Error {
  readonly reason: MalformedReason;
  constructor(reason: MalformedReason) {
    super(reason);
    this.reason = reason;
  }
}

function must(rule: boolean, reason: MalformedReason): void {
  if (!rule) throw new Refused(reason);
}

class Cursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  bytes(count: number): Uint8Array {
    must(this.left >= count, 'truncated');
    this.#at += count;
    return this.#bytes.slice(this.#at - count, this.#at);
  }

  hex(count: number): string {
    return toHex(this.bytes(count));
  }

  uint(width: number): bigint {
    return BigInt(`0x${this.hex(width)}`);
  }

  number(width: number, least = 0, most = 2 ** (8 * width) - 1): number {
    const value = this.uint(width);
    must(value >= BigInt(least) && value <= BigInt(most), 'range');
    return Number(value);
  }
}

const MOST = Number.MAX_SAFE_INTEGER;

function orMalformed(decode: () => unknown): unknown {
  try {
    return decode();
  } catch (error) {
    if (error instanceof Refused) return { kind: 'malformed', reason: error.reason };
    throw error;
  }
}

export const naiveDecodeFrames = (area: Uint8Array): unknown => orMalformed(() => framesOf(area));

function framesOf(area: Uint8Array): unknown[] {
  must(area.length > 0, 'empty');
  const cursor = new Cursor(area);
  const frames: { kind: string }[] = [];
  while (cursor.left > 0) {
    const frame = frameOf(cursor);
    if (frame !== undefined) frames.push(frame);
    must(frames.filter(({ kind }) => kind === 'data').length < 2, 'repeated');
  }
  return frames;
}

function frameOf(cursor: Cursor): { kind: string } | undefined {
  switch (cursor.number(1)) {
    case 0x00:
      return undefined;
    case 0x01:
      return { kind: 'ping' };
    case 0x02:
      return ackOf(cursor);
    case 0x03:
      return dataOf(cursor);
    case 0x04:
      return { kind: 'credit', ...{ maximum: Number(atMost(cursor.uint(8))) } };
    case 0x05:
      return { kind: 'path-challenge', ...{ token: cursor.hex(8) } };
    case 0x06:
      return { kind: 'path-response', ...{ token: cursor.hex(8) } };
    case 0x07: {
      const code = cursor.number(2);
      return { kind: 'close', ...{ code, reason: cursor.hex(cursor.number(1)) } };
    }
    default:
      throw new Refused('type');
  }
}

function atMost(value: bigint): bigint {
  must(value <= BigInt(MOST), 'range');
  return value;
}

function ackOf(cursor: Cursor): { kind: string } {
  const largest = cursor.uint(6);
  const ackDelay = Number(cursor.uint(4)) / 1000;
  const cumulative = cursor.uint(8);
  const count = cursor.number(1, 1, 64);
  const list = new Cursor(cursor.bytes(8 * count));
  atMost(cumulative);
  const ranges: { start: number; end: number }[] = [];
  let top = largest;
  for (let index = 0; index < count; index += 1) {
    const gap = list.uint(4);
    const length = list.uint(4);
    must(index === 0 ? gap === 0n : gap >= 1n, 'range');
    const last = top - gap;
    const first = last - length + 1n;
    must(length >= 1n && first >= 0n, 'range');
    ranges.push({ start: Number(first), end: Number(last + 1n) });
    top = first - 1n;
  }
  return { kind: 'ack', ...{ largest: Number(largest), ackDelay, cumulative: Number(cumulative), ranges } };
}

function dataOf(cursor: Cursor): { kind: string } {
  const flags = cursor.uint(1);
  const offset = cursor.uint(8);
  const length = cursor.uint(2);
  must(flags <= 1n && (length > 0n || flags === 1n), 'range');
  atMost(offset + length);
  return { kind: 'data', ...{ fin: flags === 1n, offset: Number(offset), bytes: cursor.hex(Number(length)) } };
}

export const naiveDecodePacket = (datagram: Uint8Array): unknown => orMalformed(() => packetOf(datagram));

function packetOf(datagram: Uint8Array): unknown {
  must(datagram.length > 0, 'truncated');
  const type = datagram[0];
  const cursor = new Cursor(datagram.slice(1));
  if (type === 0x40 || type === 0x41) {
    must(datagram.length >= 20, 'truncated');
    return { kind: 'protected', keyPhase: type & 1, connectionId: cursor.hex(8), packetNumber: cursor.number(6) };
  }
  const lengths = new Map([
    [0x01, [1200, 65_507]],
    [0x02, [38, 38]],
    [0x03, [126, 222]],
    [0x04, [16, 23]],
    [0x05, [16, 16]],
  ]);
  const [shortest, longest] = lengths.get(type as number) ?? [0, -1];
  must(longest !== -1, 'type');
  must(datagram.length >= (shortest ?? 0), 'truncated');
  must(datagram.length <= (longest ?? 0), 'length');
  must(type !== 0x03 || datagram.length === shortest || datagram.length === longest, 'length');
  const crc = new Cursor(datagram.slice(-4)).uint(4);
  must(BigInt(bitwiseCrc32c(datagram.slice(0, -4))) === crc, 'checksum');
  const version = cursor.number(1);
  if (type === 0x01) return helloOf(cursor, version, datagram.length);
  if (type === 0x03) return acceptOf(cursor, version, datagram.length - 46);
  must(version === (type === 0x04 ? 0 : 1), 'version');
  const initiatorId = cursor.hex(8);
  if (type === 0x05) return { kind: 'refuse', initiatorId, reason: cursor.number(2) };
  if (type === 0x04) {
    const count = cursor.number(1, 1, 8);
    must(cursor.left >= count + 4, 'truncated');
    must(cursor.left === count + 4, 'length');
    return { kind: 'version', initiatorId, versions: [...cursor.bytes(count)] };
  }
  const cookie = cursor.hex(24);
  must(/[^0]/.test(cookie), 'range');
  return { kind: 'cookie', initiatorId, cookie };
}

function choicesOf(cursor: Cursor) {
  const protection = ['plain', 'noise', 'noise-psk'][cursor.number(1, 0, 2)];
  const suite = protection === 'plain' ? cursor.number(1, 0, 0) : cursor.number(1, 1, 1);
  const arq = ['stop-and-wait', 'go-back-n', 'selective-repeat'][cursor.number(1, 0, 2)];
  cursor.bytes(1);
  return { protection, suite, arq };
}

function limitsOf(cursor: Cursor) {
  return {
    window: cursor.number(4, 1, 1_048_576),
    maxDatagram: cursor.number(2, 1200, 65_507),
    idleTimeout: cursor.number(4, 1000, 86_400_000),
    credit: cursor.number(8, 0, MOST),
    maxAckDelay: cursor.number(2, 0, 1000),
  };
}

function keyAgreementOf(cursor: Cursor, protection: string | undefined, length = 80): string {
  const keyAgreement = cursor.hex(length);
  must(protection !== 'plain' || (length === 80 && !/[^0]/.test(keyAgreement)), 'range');
  return keyAgreement;
}

function helloOf(cursor: Cursor, version: number, length: number): unknown {
  must(version !== 0, 'version');
  if (version !== 1) {
    cursor.bytes(4);
    return { kind: 'unknown-version', version, initiatorId: cursor.hex(8), length };
  }
  const choices = choicesOf(cursor);
  const initiatorId = cursor.hex(8);
  const limits = limitsOf(cursor);
  const cookie = cursor.hex(24);
  const keyAgreement = keyAgreementOf(cursor, choices.protection);
  return {
    kind: 'hello',
    initiatorId,
    ...choices,
    ...limits,
    cookie: /[^0]/.test(cookie) ? cookie : null,
    keyAgreement,
  };
}

function acceptOf(cursor: Cursor, version: number, length: number): unknown {
  must(version === 1, 'version');
  const choices = choicesOf(cursor);
  const initiatorId = cursor.hex(8);
  const acceptorId = cursor.hex(8);
  const limits = limitsOf(cursor);
  return {
    kind: 'accept',
    initiatorId,
    acceptorId,
    ...choices,
    ...limits,
    keyAgreement: keyAgreementOf(cursor, choices.protection, length),
  };
}
