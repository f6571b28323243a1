import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeadlineHeap } from '../../src/session/deadline-heap.ts';

test('an empty heap has no deadline and nothing due', () => {
  const heap = new DeadlineHeap<string>();
  heap.set('a', undefined);
  expect([heap.earliest, heap.first, heap.pollDue(Number.POSITIVE_INFINITY)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('a deadline is due at its moment, not before, and once', () => {
  const heap = new DeadlineHeap<string>();
  heap.set('a', 5);
  expect(heap.pollDue(4.9)).toBeUndefined();
  expect(heap.pollDue(5)).toBe('a');
  expect(heap.pollDue(6)).toBeUndefined();
});

const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ item: fc.nat(20), at: fc.option(fc.nat(100), { nil: undefined, freq: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ now: fc.nat(100) }) },
);

test('agrees with a table of deadlines, whatever is set, moved, taken away and polled', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 100 }), (operations) => {
      const heap = new DeadlineHeap<number>();
      const model = new Map<number, number>();
      for (const op of operations) {
        if ('now' in op) {
          const due = heap.pollDue(op.now);
          const least = Math.min(...model.values());
          if (least > op.now) expect(due).toBeUndefined();
          else expect(model.get(due as number)).toBe(least);
          model.delete(due as number);
        } else {
          heap.set(op.item, op.at);
          if (op.at === undefined) model.delete(op.item);
          else model.set(op.item, op.at);
        }
        const least = model.size === 0 ? undefined : Math.min(...model.values());
        expect(heap.earliest).toBe(least);
        expect(heap.first === undefined ? undefined : model.get(heap.first)).toBe(least);
      }
    }),
  );
});
