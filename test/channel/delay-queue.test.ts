import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DelayQueue } from '../../src/channel/delay-queue.ts';

/** Too simple to be wrong: looks through everything. */
class ModelQueue {
  #entries: { at: number; item: number }[] = [];

  push(at: number, item: number): void {
    this.#entries.push({ at, item });
  }

  nextDue(): number | undefined {
    return this.#entries.length === 0 ? undefined : Math.min(...this.#entries.map((entry) => entry.at));
  }

  popDue(now: number): number | undefined {
    const due = this.nextDue();
    if (due === undefined || due > now) return undefined;
    const first = this.#entries.find((entry) => entry.at === due);
    this.#entries = this.#entries.filter((entry) => entry !== first);
    return first?.item;
  }

  get size(): number {
    return this.#entries.length;
  }
}

describe('DelayQueue', () => {
  test('agrees with a queue that looks through everything, ties in order of arrival', () => {
    const operation = fc.record({ isPush: fc.boolean(), time: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
        const queue = new DelayQueue<number>();
        const model = new ModelQueue();
        for (const [item, { isPush, time }] of operations.entries()) {
          if (isPush) {
            queue.push(time, item);
            model.push(time, item);
          } else {
            expect(queue.popDue(time)).toBe(model.popDue(time));
          }
          expect(queue.nextDue()).toBe(model.nextDue());
          expect(queue.size).toBe(model.size);
        }
      }),
    );
  });

  test('sorts many items', () => {
    const times = Array.from({ length: 5000 }, (_, i) => (i * 7919) % 5003);
    const queue = new DelayQueue<number>();
    for (const time of times) queue.push(time, time);
    const popped = times.map(() => queue.popDue(Infinity));
    expect(popped).toEqual(times.toSorted((a, b) => a - b));
    expect(queue.popDue(Infinity)).toBeUndefined();
  });
});
