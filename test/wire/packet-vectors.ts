import type { Frame } from '../../src/wire/frames.ts';
import type { Layout } from './layout.ts';
import {
  naiveAccept,
  naiveCookie,
  naiveFrame,
  naiveHeader,
  naiveHello,
  naivePad,
  naivePlainPacket,
  naiveRefuse,
  naiveVersion,
} from './naive-encode.ts';
import { toHex, toJson, type Vector } from './vector-file.ts';
import {
  ACCEPT,
  ACCEPTOR,
  ACK,
  CLOSE,
  COOKIE_BYTES,
  DATA,
  HELLO,
  INITIATOR,
  LEAST,
  MOST,
  ramp,
  TOKEN,
  text,
} from './vector-values.ts';

function vector(name: string, kind: string, fields: object, layout: Layout): Vector {
  return { name, kind, hex: layout.hex, fields: toJson(fields) as Vector['fields'], layout: layout.rows };
}

const hello = (name: string, change: Partial<typeof HELLO>, length = 1200): Vector =>
  vector(name, 'hello', { ...HELLO, ...change }, naiveHello({ ...HELLO, ...change }, 1, length));

const accept = (name: string, change: Partial<typeof ACCEPT>): Vector =>
  vector(name, 'accept', { ...ACCEPT, ...change }, naiveAccept({ ...ACCEPT, ...change }));

const frame = (name: string, value: Frame): Vector => {
  const { kind, ...fields } = value;
  return vector(name, kind, fields, naiveFrame(value));
};

const handshake: Vector[] = [
  hello('hello-first', {}),
  hello('hello-with-cookie', { cookie: COOKIE_BYTES }),
  hello('hello-stop-and-wait-least', { arq: 'stop-and-wait', ...LEAST }),
  hello('hello-go-back-n-most', { arq: 'go-back-n', ...MOST }),
  hello('hello-longer-than-1200', {}, 1452),
  // Key agreements are opaque here: these bytes are no Noise message, they show the layout.
  hello('hello-noise-opaque', { protection: 'noise', suite: 1, keyAgreement: ramp(0x20, 80) }),
  hello('hello-noise-psk-opaque', {
    protection: 'noise-psk',
    suite: 1,
    keyAgreement: ramp(0x70, 80),
    cookie: COOKIE_BYTES,
  }),
  vector(
    'cookie',
    'cookie',
    { initiatorId: INITIATOR, cookie: COOKIE_BYTES },
    naiveCookie({ initiatorId: INITIATOR, cookie: COOKIE_BYTES }),
  ),
  accept('accept', {}),
  accept('accept-least', { arq: 'stop-and-wait', ...LEAST }),
  accept('accept-most', { arq: 'go-back-n', ...MOST }),
  accept('accept-noise-opaque', { protection: 'noise', suite: 1, keyAgreement: ramp(0x30, 80) }),
  accept('accept-noise-identity-opaque', { protection: 'noise', suite: 1, keyAgreement: ramp(0x30, 176) }),
  vector(
    'version-one',
    'version',
    { initiatorId: INITIATOR, versions: [1] },
    naiveVersion({ initiatorId: INITIATOR, versions: [1] }),
  ),
  vector(
    'version-eight',
    'version',
    { initiatorId: INITIATOR, versions: [...ramp(1, 8)] },
    naiveVersion({ initiatorId: INITIATOR, versions: [...ramp(1, 8)] }),
  ),
  vector(
    'refuse-busy',
    'refuse',
    { initiatorId: INITIATOR, reason: 5 },
    naiveRefuse({ initiatorId: INITIATOR, reason: 5 }),
  ),
  vector(
    'refuse-protection-required',
    'refuse',
    { initiatorId: INITIATOR, reason: 7 },
    naiveRefuse({ initiatorId: INITIATOR, reason: 7 }),
  ),
  vector(
    'unknown-version',
    'unknown-version',
    { version: 2, initiatorId: INITIATOR, length: 1200 },
    naiveHello(HELLO, 2),
  ),
];

/** A protected packet under plain protection, `padding` bytes of PAD behind its frames. */
export function plainPacket(
  name: string,
  packetNumber: number,
  frames: readonly Frame[],
  padding = 0,
  connectionId = ACCEPTOR,
): Vector {
  const header = { keyPhase: 0, connectionId, packetNumber } as const;
  const areas = frames.map(naiveFrame);
  const layout = naivePlainPacket(header, padding === 0 ? areas : [...areas, naivePad(padding)]);
  return vector(name, 'protected', { ...header, frames, tag: layout.bytes.slice(-4) }, layout);
}

const ping: Frame = { kind: 'ping' };
const plain: Vector[] = [
  plainPacket('plain-ping', 1000, [ping]),
  plainPacket('plain-ack', 1001, [ACK]),
  plainPacket('plain-data', 1002, [DATA]),
  plainPacket('plain-data-fin', 1003, [{ kind: 'data', fin: true, offset: 13, bytes: text('bye') }]),
  plainPacket('plain-credit', 1004, [{ kind: 'credit', maximum: 33_554_432 }]),
  plainPacket('plain-path-challenge', 1005, [{ kind: 'path-challenge', token: TOKEN }]),
  plainPacket('plain-path-response', 1006, [{ kind: 'path-response', token: TOKEN }]),
  plainPacket('plain-close', 1007, [CLOSE]),
  plainPacket('plain-ack-credit-data', 1008, [ACK, { kind: 'credit', maximum: 33_554_432 }, DATA]),
  plainPacket('plain-ping-padded', 1009, [ping], 32),
  plainPacket('plain-only-padding', 1010, [], 8),
  plainPacket('plain-first-number', 0, [ping]),
  plainPacket('plain-last-number', 2 ** 48 - 1, [CLOSE]),
];

function sealedShape(): Vector {
  const header = { keyPhase: 1, connectionId: INITIATOR, packetNumber: 1_048_577 } as const;
  const layout = naiveHeader(header).raw('sealed', ramp(0x80, 24)).raw('tag', ramp(0xf0, 16));
  return vector(
    'noise-shape-opaque',
    'protected-opaque',
    { ...header, sealed: toHex(ramp(0x80, 24)), tag: ramp(0xf0, 16) },
    layout,
  );
}

export const packetVectors: readonly Vector[] = [...handshake, ...plain, sealedShape()];

const ranges64 = Array.from({ length: 64 }, (_, i) => ({ start: 4000 - 3 * i, end: 4002 - 3 * i }));
const largest = 2 ** 48 - 1;

export const frameVectors: readonly Vector[] = [
  frame('ping', ping),
  frame('ack-one-range', { kind: 'ack', largest: 7, ackDelay: 0, cumulative: 0, ranges: [{ start: 7, end: 8 }] }),
  frame('ack-from-zero', {
    kind: 'ack',
    largest: 9,
    ackDelay: 25,
    cumulative: 11_680,
    ranges: [{ start: 0, end: 10 }],
  }),
  frame('ack-three-ranges', ACK),
  frame('ack-most-ranges', { kind: 'ack', largest: 4001, ackDelay: 0.001, cumulative: 1, ranges: ranges64 }),
  frame('ack-greatest-values', {
    kind: 'ack',
    largest,
    ackDelay: 4_294_967.295,
    cumulative: Number.MAX_SAFE_INTEGER,
    ranges: [{ start: largest + 1 - (2 ** 32 - 1), end: largest + 1 }],
  }),
  frame('data', DATA),
  frame('data-one-byte', { kind: 'data', fin: false, offset: 2 ** 32, bytes: text('x') }),
  frame('data-fin', { kind: 'data', fin: true, offset: 13, bytes: text('bye') }),
  frame('data-fin-empty', { kind: 'data', fin: true, offset: 16, bytes: text('') }),
  frame('data-fin-empty-stream', { kind: 'data', fin: true, offset: 0, bytes: text('') }),
  frame('data-last-byte', { kind: 'data', fin: true, offset: Number.MAX_SAFE_INTEGER - 1, bytes: text('z') }),
  frame('credit', { kind: 'credit', maximum: 33_554_432 }),
  frame('credit-greatest', { kind: 'credit', maximum: Number.MAX_SAFE_INTEGER }),
  frame('path-challenge', { kind: 'path-challenge', token: TOKEN }),
  frame('path-response', { kind: 'path-response', token: TOKEN }),
  frame('close-no-error', { kind: 'close', code: 0, reason: text('') }),
  frame('close-cancelled', CLOSE),
  frame('close-longest-reason', { kind: 'close', code: 65_535, reason: text(`${'é'.repeat(127)}.`) }),
];
