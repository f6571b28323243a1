import { createHash } from 'node:crypto';
import type { Accept } from '../../src/wire/accept.ts';
import type { Ack } from '../../src/wire/ack-frame.ts';
import type { Frame } from '../../src/wire/frames.ts';
import type { Hello } from '../../src/wire/hello.ts';

// The values that the vectors are made of, named once.

export const text = (words: string): Uint8Array => new TextEncoder().encode(words);
export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());

/** `count` bytes that show a shifted field at a glance: first, first + 1, ... */
export const ramp = (first: number, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => first + i);

export const INITIATOR = { hi: 0x11223344, lo: 0x55667788 };
export const ACCEPTOR = { hi: 0xa1b2c3d4, lo: 0xe5f60718 };
export const COOKIE_BYTES = Uint8Array.from([...ramp(0xc0, 21), 0, 0, 0]);
export const CONTENT = text('hello, world\n');

export const HELLO: Omit<Hello, 'kind'> = {
  protection: 'plain',
  suite: 0,
  arq: 'selective-repeat',
  initiatorId: INITIATOR,
  window: 1024,
  maxDatagram: 1452,
  idleTimeout: 30_000,
  credit: 16_777_216,
  maxAckDelay: 25,
  cookie: undefined,
  keyAgreement: new Uint8Array(80),
};

export const ACCEPT: Omit<Accept, 'kind'> = {
  protection: 'plain',
  suite: 0,
  arq: 'selective-repeat',
  initiatorId: INITIATOR,
  acceptorId: ACCEPTOR,
  window: 512,
  maxDatagram: 1400,
  idleTimeout: 20_000,
  credit: 8_388_608,
  maxAckDelay: 25,
  keyAgreement: new Uint8Array(80),
};

/** The narrowest and the widest terms there are. */
export const LEAST = { window: 1, maxDatagram: 1200, idleTimeout: 1000, credit: 0, maxAckDelay: 0 };
export const MOST = {
  window: 1_048_576,
  maxDatagram: 65_507,
  idleTimeout: 86_400_000,
  credit: Number.MAX_SAFE_INTEGER,
  maxAckDelay: 1000,
};

export const ACK: Ack = {
  kind: 'ack',
  largest: 1007,
  ackDelay: 12.345,
  cumulative: 4668,
  ranges: [
    { start: 1005, end: 1008 },
    { start: 1000, end: 1003 },
    { start: 998, end: 999 },
  ],
};

export const DATA: Frame = { kind: 'data', fin: false, offset: 0, bytes: CONTENT };
export const CLOSE: Frame = { kind: 'close', code: 3, reason: text('interrupted') };
export const TOKEN = ramp(0xe1, 8);
