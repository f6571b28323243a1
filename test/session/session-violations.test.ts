import { describe, expect, test } from 'vitest';
import { CLOSE_CODE } from '../../src/wire/close-codes.ts';
import type { Frame } from '../../src/wire/frames.ts';
import { Pair, type Seen } from './pair.ts';

const CREDIT = 1000;
const bytes = (length: number): Uint8Array => new Uint8Array(length);
const data = (offset: number, length: number, fin = false): Frame => ({
  kind: 'data',
  offset,
  bytes: bytes(length),
  fin,
});

/** An acceptor that has sent 10 bytes in packet `number`, and takes 1000. */
function acceptor(): { pair: Pair; number: number } {
  const pair = new Pair({ creditWindow: CREDIT }).warm().alone('acceptor');
  pair.reads.acceptor = false;
  pair.write('acceptor', 10).settle();
  return { pair, number: (pair.sent('acceptor').at(-1) as Seen).number };
}

const ack = (start: number, end: number, cumulative = 0): Frame => ({
  kind: 'ack',
  largest: end - 1,
  ackDelay: 0,
  cumulative,
  ranges: [{ start, end }],
});

describe('a peer that breaks a rule: the session is closed with PROTOCOL', () => {
  test.each<{ name: string; frames: (number: number) => Frame[][] }>([
    { name: 'an ACK of a packet that was never sent', frames: (n) => [[ack(n, n + 2)]] },
    { name: 'an ACK of the last number there is', frames: () => [[ack(2 ** 48 - 1, 2 ** 48)]] },
    { name: 'an ACK of packets before the first', frames: (n) => [[ack(n - 500, n + 1)]] },
    { name: 'an ACK of bytes that were never sent', frames: (n) => [[ack(n, n + 1, 11)]] },
    { name: 'DATA beyond the credit', frames: () => [[data(CREDIT - 1, 2)]] },
    { name: 'DATA far beyond the credit', frames: () => [[data(2 ** 53 - 1 - 10, 10)]] },
    { name: 'DATA beyond the end', frames: () => [[data(0, 10, true)], [data(10, 1)]] },
    { name: 'the end at two offsets', frames: () => [[data(0, 10, true)], [data(0, 9, true)]] },
    { name: 'the end at two offsets, without bytes', frames: () => [[data(20, 0, true)], [data(30, 0, true)]] },
    { name: 'an end below bytes that came', frames: () => [[data(0, 10)], [data(5, 0, true)]] },
    { name: 'a rule broken after a good frame', frames: () => [[{ kind: 'ping' }, data(CREDIT, 1)]] },
  ])('$name', ({ frames }) => {
    const { pair, number } = acceptor();
    pair.log.length = 0;
    for (const [i, packet] of frames(number).entries()) pair.forge('acceptor', 5_000_000 + i, packet);
    expect(pair.acceptor.end).toMatchObject({ by: 'local', code: CLOSE_CODE.protocol });
    expect(pair.sent('acceptor').at(-1)?.frames).toEqual([
      { kind: 'close', code: CLOSE_CODE.protocol, reason: bytes(0) },
    ]);
  });

  test('nothing after the broken rule counts, not even a CLOSE', () => {
    const { pair } = acceptor();
    pair.forge('acceptor', 5_000_000, [data(CREDIT, 1), { kind: 'close', code: 0, reason: bytes(0) }]);
    expect(pair.acceptor.end).toMatchObject({ by: 'local', code: CLOSE_CODE.protocol });
  });
});

describe('a peer that does odd things that no rule forbids: the session goes on', () => {
  test.each<{ name: string; frames: (number: number) => Frame[][] }>([
    { name: 'an ACK of everything, twice', frames: (n) => [[ack(n, n + 1, 10)], [ack(n, n + 1, 10)]] },
    { name: 'an ACK that takes back what was acknowledged', frames: (n) => [[ack(n, n + 1, 10)], [ack(n - 1, n)]] },
    { name: 'DATA up to the credit', frames: () => [[data(CREDIT - 10, 10)]] },
    { name: 'the end twice', frames: () => [[data(0, 10, true)], [data(10, 0, true)]] },
    { name: 'the end before the bytes', frames: () => [[data(10, 0, true)], [data(0, 10)]] },
    { name: 'the same bytes differently cut', frames: () => [[data(0, 10)], [data(5, 10)], [data(0, 20)]] },
    {
      name: 'a credit that shrinks',
      frames: () => [[{ kind: 'credit', maximum: 5 }], [{ kind: 'credit', maximum: 0 }]],
    },
    { name: 'the largest credit there is', frames: () => [[{ kind: 'credit', maximum: Number.MAX_SAFE_INTEGER }]] },
    { name: 'a response that nobody asked for', frames: () => [[{ kind: 'path-response', token: bytes(8) }]] },
    { name: 'a thousand PINGs in one packet', frames: () => [new Array<Frame>(1000).fill({ kind: 'ping' })] },
  ])('$name', ({ frames }) => {
    const { pair, number } = acceptor();
    for (const [i, packet] of frames(number).entries()) pair.forge('acceptor', 5_000_000 + i, packet);
    expect(pair.acceptor.end).toBeUndefined();
    expect(pair.acceptor.stats.damaged).toBe(0);
  });

  test('every second byte: what is held stays small, and what closes the gap is taken', () => {
    const pair = new Pair().warm().alone('acceptor');
    pair.reads.acceptor = false;
    for (let i = 0; i < 5000; i++) pair.forge('acceptor', 5_000_000 + i, [data(2 * i + 1, 1)]);
    expect(pair.acceptor.stats.notKept).toBe(5000 - 1025);
    expect(pair.acceptor.receiveBuffered).toBe(65_536);
    expect(pair.acceptor.end).toBeUndefined();
    pair.forge('acceptor', 5_100_000, [data(0, 1000)]);
    expect(pair.acceptor.read()).toHaveLength(1000);
  });
});
