import type { Ack } from '../../src/wire/ack-frame.ts';
import type { Data } from '../../src/wire/data-frame.ts';
import type { Frame } from '../../src/wire/frames.ts';
import { type Message, naiveMessage } from './naive-messages.ts';
import { plainPacket } from './packet-vectors.ts';
import type { Vector } from './vector-file.ts';
import { ACCEPTOR, CONTENT, INITIATOR, sha256, text } from './vector-values.ts';

// One whole transfer of hello.txt after its handshake, packet by packet, as PROTOCOL.md section 16 tells it.

const none = text('');
const size = CONTENT.length;
const digest = sha256(CONTENT);
const streamOf = (...messages: Message[]): Uint8Array =>
  Uint8Array.from(messages.flatMap((message) => [...naiveMessage(message).bytes]));

const offer = streamOf({
  kind: 'offer',
  entry: 0,
  entryKind: 'file',
  size,
  mtime: 1_700_000_000_123,
  mode: 0o644,
  fresh: false,
  path: [text('hello.txt')],
  target: none,
});
const rest = streamOf(
  { kind: 'content', entry: 0, offset: 0, bytes: CONTENT },
  { kind: 'end', entry: 0, size, digest },
  { kind: 'done', entries: 1 },
);
const verdict = streamOf({ kind: 'verdict', entry: 0, verdict: 'accept', code: 0, offset: 0, text: none });
const receipt = streamOf({ kind: 'receipt', entry: 0, code: 0, size, digest, text: none });

const data = (offset: number, bytes: Uint8Array, fin = false): Data => ({ kind: 'data', fin, offset, bytes });
const ack = (start: number, end: number, ackDelay: number, cumulative: number): Ack => ({
  kind: 'ack',
  largest: end - 1,
  ackDelay,
  cumulative,
  ranges: [{ start, end }],
});

const toAcceptor = (name: string, number: number, frames: readonly Frame[]): Vector =>
  plainPacket(name, number, frames, 0, ACCEPTOR);
const toInitiator = (name: string, number: number, frames: readonly Frame[]): Vector =>
  plainPacket(name, number, frames, 0, INITIATOR);

export const walkVectors: readonly Vector[] = [
  toAcceptor('walk-offer', 4096, [data(0, offer)]),
  toInitiator('walk-verdict', 70_000, [ack(4096, 4097, 0.25, offer.length), data(0, verdict)]),
  toAcceptor('walk-content', 4097, [ack(70_000, 70_001, 0.125, verdict.length), data(offer.length, rest, true)]),
  toInitiator('walk-receipt', 70_001, [
    ack(4096, 4098, 3.5, offer.length + rest.length),
    data(verdict.length, receipt, true),
  ]),
  toAcceptor('walk-close', 4098, [
    ack(70_000, 70_002, 0.125, verdict.length + receipt.length),
    { kind: 'close', code: 0, reason: none },
  ]),
];
