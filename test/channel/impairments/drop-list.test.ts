import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeAll, steady } from '../run.ts';

const lostIndices = (dropList: readonly { first: number; last: number }[], count: number): number[] =>
  judgeAll({ dropList }, 1, steady(count, 1)).flatMap(({ cause }, index) => (cause === 'drop-list' ? [index] : []));

describe('a drop list', () => {
  test('loses exactly what it names', () => {
    const list = [
      { first: 12, last: 15 },
      { first: 0, last: 0 },
      { first: 3, last: 3 },
    ];
    expect(lostIndices(list, 20)).toEqual([0, 3, 12, 13, 14, 15]);
  });

  test('does so for ranges in any order, overlapping or one within another', () => {
    const range = fc.tuple(fc.nat(60), fc.nat(30)).map(([first, more]) => ({ first, last: first + more }));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 8 }), (ranges) => {
        const named = Array.from({ length: 50 }, (_, index) => index).filter((index) =>
          ranges.some(({ first, last }) => first <= index && index <= last),
        );
        expect(lostIndices(ranges, 50)).toEqual(named);
      }),
    );
  });
});
