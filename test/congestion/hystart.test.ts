import { describe, expect, test } from 'vitest';
import { HyStart } from '../../src/congestion/hystart.ts';

/** Rounds of a sender: in each, so many ACKs with the same round trip. */
class Rounds {
  readonly hystart = new HyStart();
  #now = 0;

  round(rtt: number, acks = 10): this {
    const sentAt = this.#now;
    this.#now += rtt;
    // All left when the round before ended: the first begins this one.
    for (let i = 0; i < acks; i++) this.hystart.onAck(this.#now, sentAt);
    return this;
  }

  rounds(count: number, rtt: number): this {
    for (let i = 0; i < count; i++) this.round(rtt);
    return this;
  }
}

describe('HyStart++ (RFC 9406)', () => {
  test('steady round trips leave slow start alone', () => {
    const { hystart } = new Rounds().rounds(50, 100);
    expect([hystart.growth, hystart.isOver]).toEqual([1, false]);
  });

  // The threshold is an eighth of the last round's minimum, within 4..16 ms (section 4.3).
  test.each([
    { from: 10, to: 13.9, growth: 1 },
    { from: 10, to: 14, growth: 1 / 4 },
    { from: 80, to: 89.9, growth: 1 },
    { from: 80, to: 90, growth: 1 / 4 },
    { from: 400, to: 415.9, growth: 1 },
    { from: 400, to: 416, growth: 1 / 4 },
  ])('round trips that go from $from to $to ms let it grow by $growth', ({ from, to, growth }) => {
    expect(new Rounds().rounds(3, from).round(to).hystart.growth).toBe(growth);
  });

  test('a round of fewer than 8 samples decides nothing', () => {
    expect(new Rounds().rounds(3, 80).round(120, 7).hystart.growth).toBe(1);
    expect(new Rounds().rounds(3, 80).round(120, 8).hystart.growth).toBe(1 / 4);
  });

  test('round trips that become short again were noise: slow start goes on', () => {
    const { hystart } = new Rounds().rounds(3, 80).rounds(2, 100).round(80);
    expect([hystart.growth, hystart.isOver]).toEqual([1, false]);
  });

  test('five rounds of it end slow start', () => {
    const rounds = new Rounds().rounds(3, 80);
    const over = [1, 2, 3, 4, 5, 6].map(() => rounds.round(100).hystart.isOver);
    expect(over).toEqual([false, false, false, false, false, true]);
  });
});
