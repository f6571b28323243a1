import { describe, expect, test } from 'vitest';
import type { Frame } from '../../src/wire/frames.ts';
import { Pair, type Side } from './pair.ts';

const ARQS = ['stop-and-wait', 'go-back-n', 'selective-repeat'] as const;
const CREDIT = 10_000;
const MIB = 1024 * 1024;

const credits = (pair: Pair, side: Side): number[] =>
  pair.sent(side).flatMap(({ frames }) => frames.flatMap((frame) => (frame.kind === 'credit' ? [frame.maximum] : [])));
const carriesCredit = (frames: readonly Frame[]): boolean => frames.some(({ kind }) => kind === 'credit');

describe.each(ARQS)('credit with %s', (arq) => {
  test('stops a sender whose peer’s application reads nothing, and nothing is lost by it', () => {
    const pair = new Pair({ arq, creditWindow: CREDIT }).warm();
    pair.reads.acceptor = false;
    pair.write('initiator', 50_000).run(5000);
    const sent = pair.offsets('initiator');
    expect(pair.initiator.unacknowledged).toBe(40_000);
    expect(Math.max(...sent)).toBeLessThan(CREDIT);
    expect(pair.initiator.packetsInFlight).toBe(0);
    expect(pair.acceptor.receiveBuffered).toBe(65_536);
  });

  test('grows as the application reads: everything arrives', () => {
    const pair = new Pair({ arq, creditWindow: CREDIT });
    pair.transfer(100_000, 20_000);
    expect(pair.received('acceptor')).toBe(100_000);
    const granted = credits(pair, 'acceptor');
    for (const [i, maximum] of granted.entries())
      expect(maximum - (granted[i - 1] ?? CREDIT)).toBeGreaterThanOrEqual(CREDIT / 8);
  });

  test('that was lost is said again, with what may be sent by then', () => {
    const pair = new Pair({ arq, creditWindow: CREDIT });
    let lost = 0;
    pair.loses = (datagram) => {
      const frames = pair.framesOf(datagram);
      return carriesCredit(frames) && lost++ < 3;
    };
    pair.transfer(50_000, 30_000);
    expect(lost).toBeGreaterThan(3);
    expect(pair.received('acceptor')).toBe(50_000);
  });

  test('of an application that stops for ten minutes and goes on: nobody gives up', () => {
    const pair = new Pair({ arq, creditWindow: CREDIT }).warm();
    pair.reads.acceptor = false;
    pair.write('initiator', 30_000).run(600_000);
    expect([pair.initiator.end, pair.acceptor.end]).toEqual([undefined, undefined]);
    pair.reads.acceptor = true;
    pair.initiator.finish();
    pair.runUntil(() => pair.initiator.writeFinished, 10_000);
    expect(pair.received('acceptor')).toBe(30_000);
  });
});

test('each side has its own', () => {
  const pair = new Pair({}, { initiator: { creditWindow: 2000 }, acceptor: { creditWindow: 7000 } }).warm();
  for (const side of ['initiator', 'acceptor'] as const) {
    pair.reads[side] = false;
    pair.write(side, 20_000);
  }
  pair.run(5000);
  expect([pair.initiator.unacknowledged, pair.acceptor.unacknowledged]).toEqual([13_000, 18_000]);
});

test('no credit at all lets nothing out but an end without bytes', () => {
  const pair = new Pair({}, { acceptor: { creditWindow: 0 } }).warm();
  pair.write('initiator', 10).run(1000);
  expect(pair.offsets('initiator')).toEqual([]);
  const empty = new Pair({}, { acceptor: { creditWindow: 0 } });
  empty.transfer(0, 1000);
  expect(empty.acceptor.readFinished).toBe(true);
});

test('a writer is asked for a MiB ahead of what was sent, and for four where more may be in flight', () => {
  const slow = new Pair().warm();
  expect(slow.initiator.writable()).toBe(MIB);
  slow.initiator.write(new Uint8Array(MIB + 5));
  expect(slow.initiator.writable()).toBe(-5);
  const fast = new Pair({ congestion: 'fixed', window: 4 * MIB }).warm();
  expect(fast.initiator.writable()).toBe(4 * MIB);
});
