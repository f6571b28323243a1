import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AckPace } from '../../src/recovery/ack-pace.ts';
import { AckTracker } from '../../src/recovery/ack-tracker.ts';
import { RttEstimator } from '../../src/recovery/rtt-estimator.ts';

const MAX_ACK_DELAY = 25;

/** A tracker that has accepted ack-eliciting packets with these numbers at time 0, and has answered them. */
function answered(...numbers: readonly number[]): AckTracker {
  const acks = new AckTracker(2, MAX_ACK_DELAY);
  for (const number of numbers) acks.onAccepted(0, number, true, false);
  acks.report(0);
  return acks;
}

describe('AckTracker: when an ACK is due', () => {
  test.each([
    { name: 'the first packet: within the longest delay', before: [], number: 100, dueAt: 1025 },
    { name: 'the next in order: within the longest delay', before: [0, 1], number: 2, dueAt: 1025 },
    { name: 'one that leaves a gap: at once (RFC 9000 section 13.2.1)', before: [0, 1], number: 3, dueAt: 1000 },
    { name: 'one that fills a gap: at once', before: [0, 1, 3], number: 2, dueAt: 1000 },
    { name: 'one below the largest that closes nothing: at once', before: [0, 9], number: 5, dueAt: 1000 },
    {
      name: 'the next above a gap that was told already: within the longest delay',
      before: [0, 3],
      number: 4,
      dueAt: 1025,
    },
    { name: 'an urgent one: at once', before: [0, 1], number: 2, urgent: true, dueAt: 1000 },
    {
      name: 'one that asks for no ACK: never, so that ACKs are not acknowledged',
      before: [0, 1],
      number: 2,
      asks: false,
      dueAt: undefined,
    },
    { name: 'an ACK out of order: never', before: [0, 1], number: 3, asks: false, dueAt: undefined },
  ])('$name', ({ before, number, asks = true, urgent = false, dueAt }) => {
    const acks = answered(...before);
    expect(acks.dueAt).toBeUndefined();
    acks.onAccepted(1000, number, asks, urgent);
    expect(acks.dueAt).toBe(dueAt);
  });

  test('the second ack-eliciting packet since the last ACK is answered at once (RFC 9000 section 13.2.2)', () => {
    const acks = answered(0);
    acks.onAccepted(10, 1, true, false);
    expect(acks.dueAt).toBe(35);
    acks.onAccepted(12, 2, false, false);
    expect(acks.dueAt).toBe(35);
    acks.onAccepted(20, 3, true, false);
    expect(acks.dueAt).toBe(20);
  });

  test('later packets do not put off an ACK that is due', () => {
    const acks = new AckTracker(10, MAX_ACK_DELAY);
    for (let number = 0; number < 9; number++) acks.onAccepted(number, number, true, false);
    expect(acks.dueAt).toBe(MAX_ACK_DELAY);
  });

  test('a packet that was rejected is answered at once, once anything was accepted', () => {
    const acks = new AckTracker(2, MAX_ACK_DELAY);
    acks.onRejected(5);
    expect(acks.dueAt).toBeUndefined(); // there is nothing an ACK could name
    expect(acks.report(5)).toBeUndefined();
    acks.onAccepted(6, 0, true, false);
    acks.report(6);
    acks.onRejected(9);
    expect(acks.dueAt).toBe(9);
  });

  test('a report settles what was due', () => {
    const acks = answered(0);
    acks.onAccepted(1, 1, true, false);
    acks.onAccepted(2, 5, true, false);
    acks.report(2);
    expect(acks.dueAt).toBeUndefined();
    acks.onAccepted(3, 6, true, false);
    expect(acks.dueAt).toBe(3 + MAX_ACK_DELAY); // the count began anew
  });
});

describe('AckTracker with a pace: when an ACK is due', () => {
  const PER_MILLI = 20;

  /** The numbers of the packets that were answered at once, of those that came; all ask for an ACK. */
  const answers = (acks: AckTracker, from: number, numbers: readonly number[]): number[] =>
    numbers.filter((number, i) => {
      const now = from + i / PER_MILLI;
      acks.onAccepted(now, number, true, false);
      if ((acks.dueAt as number) > now) return false;
      return acks.report(now) !== undefined;
    });

  /** A tracker on a path of 50 ms on which packets 0..3999 have come, 1000 in a round trip: 64 for one ACK. Time 200. */
  function steady(): AckTracker {
    const rtt = new RttEstimator();
    rtt.sample(50, 0);
    const acks = new AckTracker(new AckPace(rtt, MAX_ACK_DELAY), MAX_ACK_DELAY);
    answers(acks, 0, range(0, 4000));
    acks.report(200);
    return acks;
  }

  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

  test('a clean path: every 64th packet', () => {
    expect(answers(steady(), 200, range(4000, 4200))).toEqual([4063, 4127, 4191]);
  });

  test('fewer packets than that: a quarter of a round trip after the first', () => {
    const acks = steady();
    answers(acks, 200, [4000, 4001]);
    expect(acks.dueAt).toBe(212.5);
  });

  test('a gap: at once, and twice more until the sender must have noticed', () => {
    const numbers = range(4000, 4100).filter((number) => number !== 4010);
    expect(answers(steady(), 200, numbers)).toEqual([4011, 4013, 4015, 4079]);
  });

  test('steady loss: no ACK for every packet', () => {
    const numbers = range(4000, 5000).filter((number) => number % 5 !== 0);
    const { length } = answers(steady(), 200, numbers);
    expect(length).toBeGreaterThan(800 / 4);
    expect(length).toBeLessThanOrEqual(800 / 2);
  });

  test('steady reordering: every second packet', () => {
    const numbers = range(4000, 5000).map((number) => number ^ 1);
    const { length } = answers(steady(), 200, numbers);
    expect(length).toBeGreaterThan(490);
    expect(length).toBeLessThanOrEqual(501);
  });

  test('a flood of copies: every second one', () => {
    const acks = steady();
    let count = 0;
    for (let i = 0; i < 100; i++) {
      acks.onRejected(200);
      if (acks.dueAt === 200 && acks.report(200) !== undefined) count++;
    }
    expect(count).toBe(50);
  });

  test('an urgent one: at once', () => {
    const acks = steady();
    acks.onAccepted(200, 4000, true, true);
    expect(acks.dueAt).toBe(200);
  });
});

describe('AckTracker: what an ACK says', () => {
  test('the ranges, newest first, and how long the largest has waited', () => {
    const acks = new AckTracker(2, MAX_ACK_DELAY);
    for (const [at, number] of [
      [0, 5],
      [1, 6],
      [2, 20],
      [7, 10],
    ] as const)
      acks.onAccepted(at, number, true, false);
    expect(acks.report(12)).toEqual({
      largest: 20,
      ackDelay: 10, // since 20 came, although 10 came later
      ranges: [
        { start: 20, end: 21 },
        { start: 10, end: 11 },
        { start: 5, end: 7 },
      ],
    });
  });

  test('packets that ask for no ACK are named too', () => {
    const acks = answered(0, 1);
    acks.onAccepted(1, 2, false, false);
    expect(acks.report(1)?.ranges).toEqual([{ start: 0, end: 3 }]);
  });

  test('never more than 32 ranges, the newest ones, however many holes a peer makes', () => {
    const acks = new AckTracker(2, MAX_ACK_DELAY);
    for (let i = 0; i < 10_000; i++) acks.onAccepted(i, 2 * i, true, false);
    const ranges = acks.report(10_000)?.ranges ?? [];
    expect(ranges).toHaveLength(32);
    expect(ranges[0]).toEqual({ start: 19_998, end: 19_999 });
    expect(ranges[31]).toEqual({ start: 19_936, end: 19_937 });
  });

  test('a jump of 2^47 is one more range', () => {
    const acks = answered(0, 1);
    acks.onAccepted(0, 2 ** 47, true, false);
    expect(acks.report(0)).toMatchObject({
      largest: 2 ** 47,
      ranges: [
        { start: 2 ** 47, end: 2 ** 47 + 1 },
        { start: 0, end: 2 },
      ],
    });
  });

  test('names exactly what was accepted, as far as 32 ranges reach', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(300), { minLength: 1, maxLength: 200 }), (numbers) => {
        const acks = new AckTracker(2, MAX_ACK_DELAY);
        for (const number of numbers) acks.onAccepted(0, number, true, false);
        const report = acks.report(0);
        const named = new Set(
          report?.ranges.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i)),
        );
        expect(report?.largest).toBe(Math.max(...numbers));
        expect([...named].every((number) => numbers.includes(number))).toBe(true);
        const oldest = report?.ranges.length === 32 ? (report.ranges[31]?.start ?? 0) : 0;
        // What came while it was older than 32 ranges is left out for good: its sender sends it again.
        const missing = numbers.filter((number) => number >= oldest && !named.has(number));
        if ((report?.ranges.length ?? 0) < 32) expect(missing).toEqual([]);
      }),
    );
  });
});
