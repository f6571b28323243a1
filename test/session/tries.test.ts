import { expect, test } from 'vitest';
import { triesAgainstLoss } from '../../src/session/tries.ts';

test.each([
  { lossRate: 0, tries: 3 },
  { lossRate: 0.05, tries: 3 },
  { lossRate: 0.1, tries: 3 },
  { lossRate: 0.2, tries: 5 },
  { lossRate: 0.5, tries: 10 },
  { lossRate: 1, tries: 10 },
])('where $lossRate of the datagrams is lost, $tries tries', ({ lossRate, tries }) => {
  expect(triesAgainstLoss(lossRate)).toBe(tries);
});
