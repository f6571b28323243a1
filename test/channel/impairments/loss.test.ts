import { describe, expect, test } from 'vitest';
import { binomialBound, judgeAll, steady } from '../run.ts';

const COUNT = 20_000;

describe('loss', () => {
  test.each([0.001, 0.01, 0.1, 0.5, 0.9])('loses about %d of all datagrams', (loss) => {
    const lost = judgeAll({ loss }, 11, steady(COUNT, 1)).filter(({ cause }) => cause === 'loss').length;
    expect(Math.abs(lost - COUNT * loss)).toBeLessThan(binomialBound(COUNT, loss));
  });

  test.each([
    { loss: 0, lost: 0 },
    { loss: 1, lost: 1000 },
  ])('of $loss loses exactly that', ({ loss, lost }) => {
    expect(judgeAll({ loss }, 11, steady(1000, 1)).filter(({ copies }) => copies.length === 0)).toHaveLength(lost);
  });

  test('is independent of the loss before', () => {
    const lost = judgeAll({ loss: 0.3 }, 5, steady(COUNT, 1)).map(({ cause }) => cause === 'loss');
    const afterLoss = lost.filter((_, at) => lost[at - 1]);
    const again = afterLoss.filter(Boolean).length;
    expect(Math.abs(again - 0.3 * afterLoss.length)).toBeLessThan(binomialBound(afterLoss.length, 0.3));
  });
});
