import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SentContent, SentPacket } from '../../src/recovery/sent-packet.ts';
import { SentPackets } from '../../src/recovery/sent-packets.ts';

const FIRST = 7;

const DATA: SentContent = { data: { offset: 0, length: 1, fin: false }, credit: false, path: false };
const CREDIT: SentContent = { data: undefined, credit: true, path: false };

/** A packet as the model keeps it. */
type Kept = Pick<SentPacket, 'number' | 'sentAt' | 'size' | 'data' | 'state'>;

/** Too simple to be wrong: a list of everything ever sent. `undefined`: asks for no ACK, or its number was skipped. */
class Model {
  readonly sent: (Kept | undefined)[] = [];
  readonly skipped = new Set<number>();
  /** Numbers below were forgotten. */
  base = FIRST;

  get(number: number): Kept | undefined {
    return this.sent[number - FIRST];
  }

  get next(): number {
    return FIRST + this.sent.length;
  }

  /** Numbers that nobody will have. */
  skip(count: number): void {
    for (let i = 0; i < count; i++) {
      this.skipped.add(this.next);
      this.sent.push(undefined);
    }
  }

  skippedAmong(start: number, end: number): number {
    return [...this.skipped].filter((number) => number >= start && number < end).length;
  }

  inFlight(end = this.next): Kept[] {
    return this.sent.filter((sent) => sent !== undefined && sent.state === 'in-flight' && sent.number < end) as Kept[];
  }

  acknowledge(start: number, end: number): number[] {
    const newly = this.sent.filter(
      (sent) =>
        sent !== undefined && sent.number >= Math.max(start, this.base) && sent.number < end && sent.state !== 'acked',
    ) as Kept[];
    for (const sent of newly) sent.state = 'acked';
    return newly.map(({ number }) => number);
  }

  prune(lostBefore: number): void {
    for (; this.base < this.next; this.base++) {
      const sent = this.get(this.base);
      if (sent?.state === 'in-flight' || (sent?.state === 'lost' && sent.sentAt >= lostBefore)) return;
    }
  }

  anyAcked(start: number, end: number): boolean {
    return this.sent.some((sent) => sent?.state === 'acked' && sent.number >= start && sent.number < end);
  }
}

const numbers = (packets: readonly Kept[]): number[] => packets.map(({ number }) => number);

function expectSame(sent: SentPackets, model: Model): void {
  const flying = model.inFlight();
  expect(sent.nextNumber).toBe(model.next);
  expect(numbers(sent.inFlight())).toEqual(numbers(flying));
  expect(sent.packetsInFlight).toBe(flying.length);
  expect(sent.dataInFlight).toBe(flying.filter(({ data }) => data !== undefined).length);
  expect(sent.bytesInFlight).toBe(flying.reduce((sum, { size }) => sum + size, 0));
  expect(sent.oldest?.number).toBe(flying[0]?.number);
}

/** Numbers skipped before a packet. */
const skips = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 3 }));
const where = fc.double({ min: 0, max: 1, noNaN: true });
const operation = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('add' as const), size: fc.nat(1500), withData: fc.boolean(), skips }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('add-untracked' as const), skips }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('acknowledge' as const), at: where, length: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('lose' as const), at: where }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('prune' as const), at: where }) },
);

describe('SentPackets', () => {
  test('agrees with a list of everything ever sent', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 80 }), where, where, (operations, from, to) => {
        const sent = new SentPackets(FIRST);
        const model = new Model();
        for (const op of operations) {
          if (op.kind === 'add') {
            model.skip(op.skips);
            const { next } = model;
            const content = op.withData ? DATA : CREDIT;
            sent.add(next, next, op.size, content);
            model.sent.push({ number: next, sentAt: next, size: op.size, data: content.data, state: 'in-flight' });
          } else if (op.kind === 'add-untracked') {
            model.skip(op.skips);
            sent.addUntracked(model.next);
            model.sent.push(undefined);
          } else if (op.kind === 'acknowledge') {
            const start = FIRST + Math.floor(op.at * model.sent.length);
            const end = Math.min(start + op.length, model.next);
            const newly: number[] = [];
            sent.acknowledge(start, end, ({ number }) => newly.push(number));
            expect(newly).toEqual(model.acknowledge(start, end));
          } else if (op.kind === 'lose') {
            const flying = model.inFlight();
            const lost = flying[Math.floor(op.at * flying.length)];
            if (lost === undefined) continue;
            sent.lose(sent.get(lost.number) as SentPacket);
            lost.state = 'lost';
          } else {
            const lostBefore = FIRST + op.at * model.sent.length;
            sent.prune(lostBefore);
            model.prune(lostBefore);
          }
          expectSame(sent, model);
        }
        const start = Math.max(model.base, FIRST + Math.floor(from * model.sent.length));
        const end = FIRST + Math.floor(to * model.sent.length);
        expect(sent.anyAcked(start, end)).toBe(model.anyAcked(start, end));
        expect(numbers(sent.inFlight(end))).toEqual(numbers(model.inFlight(end)));
        // However long ago it was: nothing of it was forgotten with the packets around it.
        const between = model.skippedAmong(FIRST, end);
        expect(sent.skippedAny(FIRST, end)).toBe(between > 0);
        expect(sent.distance(FIRST, end)).toBe(end - FIRST - between);
      }),
      { numRuns: 500 },
    );
  });

  test('shows the visitor of an ACK the state before it: a lost packet was lost by mistake', () => {
    const sent = new SentPackets(0);
    for (let number = 0; number < 3; number++) sent.add(number, number, 100, DATA);
    sent.lose(sent.get(1) as SentPacket);
    const states: string[] = [];
    sent.acknowledge(0, 3, ({ state }) => states.push(state));
    expect(states).toEqual(['in-flight', 'lost', 'in-flight']);
    expect([sent.packetsInFlight, sent.bytesInFlight]).toEqual([0, 0]);
  });

  test('a packet that was acknowledged cannot be lost any more', () => {
    const sent = new SentPackets(0);
    sent.add(0, 0, 100, DATA);
    const only = sent.get(0) as SentPacket;
    sent.acknowledge(0, 1, () => {});
    sent.lose(only);
    expect(only.state).toBe('acked');
    expect(sent.bytesInFlight).toBe(0);
  });

  test('a packet that asks for no ACK counts as nothing: between two losses it is no sign of life', () => {
    const sent = new SentPackets(0);
    sent.add(0, 0, 100, DATA);
    sent.addUntracked(1);
    sent.add(2, 2, 100, DATA);
    expect(sent.anyAcked(0, 3)).toBe(false);
    sent.acknowledge(1, 2, () => expect.fail('nothing is tracked there'));
    expect(sent.anyAcked(0, 3)).toBe(false);
  });

  test('of numbers that were skipped the newest are remembered, and no more of them than need be', () => {
    const sent = new SentPackets(0);
    for (let number = 1; number < 1000; number += 2) sent.addUntracked(number);
    expect(sent.skippedAny(998, 999)).toBe(true);
    expect(sent.skippedAny(900, 999)).toBe(true);
    expect(sent.skippedAny(0, 900)).toBe(false);
  });

  test('a hundred thousand packets are sent, acknowledged and forgotten in linear time', () => {
    const sent = new SentPackets(0);
    for (let number = 0; number < 100_000; number++) {
      sent.add(number, number, 100, DATA);
      if (number >= 1000) sent.acknowledge(number - 1000, number - 999, () => {});
      sent.prune(number - 2000);
    }
    expect(sent.packetsInFlight).toBe(1000);
    expect(sent.oldest?.number).toBe(99_000);
    expect(sent.get(98_999)).toBeUndefined();
  });

  test('a packet that is forgotten becomes the next one, and leaves nothing behind in it', () => {
    const sent = new SentPackets(0);
    const first = sent.add(0, 5, 1000, { data: { offset: 7, length: 8, fin: true }, credit: true, path: true });
    first.appLimited = true;
    sent.acknowledge(0, 1, () => {});
    sent.prune(0);
    const next = sent.add(1, 6, 1, { data: undefined, credit: false, path: false });
    expect(next).toBe(first);
    expect(next).toMatchObject({ number: 1, sentAt: 6, size: 1, data: undefined, credit: false, path: false });
    expect(next).toMatchObject({ appLimited: false, state: 'in-flight' });
  });

  test('a packet keeps its content, whatever becomes of the object that it was told of by', () => {
    const sent = new SentPackets(0);
    const data = { offset: 7, length: 8, fin: false };
    sent.add(0, 0, 100, { data, credit: false, path: false });
    data.offset = 99;
    expect(sent.get(0)?.data).toEqual({ offset: 7, length: 8, fin: false });
  });
});
