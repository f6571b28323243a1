import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RangeSet } from '../../src/base/range-set.ts';

const operation = fc.record({
  add: fc.boolean(),
  start: fc.integer({ min: 0, max: 60 }),
  length: fc.integer({ min: 0, max: 12 }),
});

describe('RangeSet', () => {
  test('agrees with a plain Set of numbers after any additions and removals', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), fc.integer({ min: 0, max: 30 }), (operations, from) => {
        const ranges = new RangeSet();
        const model = new Set<number>();
        for (const { add, start, length } of operations) {
          if (add) ranges.add(start, start + length);
          else ranges.remove(start, start + length);
          for (let i = start; i < start + length; i++) {
            if (add) model.add(i);
            else model.delete(i);
          }
        }
        const sorted = [...model].sort((a, b) => a - b);
        expect(
          [...ranges].flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i)),
        ).toEqual(sorted);
        expect(ranges.first).toBe(sorted[0]);
        expect(ranges.end).toBe(sorted.length === 0 ? undefined : (sorted.at(-1) as number) + 1);
        for (let i = 0; i < 75; i++) expect(ranges.has(i)).toBe(model.has(i));
        const gaps: number[] = [];
        ranges.forEachGap(from, from + 40, (start, end) => {
          for (let i = start; i < end; i++) gaps.push(i);
        });
        expect(gaps).toEqual(Array.from({ length: 40 }, (_, i) => from + i).filter((i) => !model.has(i)));
        const next = (isMember: boolean): number => {
          for (let i = from; i < 80; i++) if (model.has(i) === isMember) return i;
          return Number.POSITIVE_INFINITY;
        };
        expect(ranges.nextGap(from)).toBe(next(false));
        expect(ranges.nextMember(from)).toBe(next(true));
        ranges.removeBelow(from);
        expect([...ranges].flatMap(({ start, end }) => sorted.filter((i) => i >= start && i < end))).toEqual(
          sorted.filter((i) => i >= from),
        );
        expect(ranges.first).toBe(sorted.find((i) => i >= from));
      }),
    );
  });

  test('keeps ranges disjoint and not touching', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
        const ranges = new RangeSet();
        for (const { add, start, length } of operations) {
          if (add) ranges.add(start, start + length);
          else ranges.remove(start, start + length);
        }
        let previousEnd = Number.NEGATIVE_INFINITY;
        for (const { start, end } of ranges) {
          expect(start).toBeGreaterThan(previousEnd);
          expect(end).toBeGreaterThan(start);
          previousEnd = end;
        }
      }),
    );
  });
});
