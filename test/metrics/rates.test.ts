import { expect, test } from 'vitest';
import { HISTORY, Rates } from '../../src/metrics/rates.ts';
import { progressOf } from './progress.ts';

const at = (transfer: number, bytesReceived: number) => progressOf(transfer, { bytesReceived });

test('a steady transfer has its rate, and so has the history', () => {
  const rates = new Rates();
  for (let second = 0; second <= 5; second++) rates.sample(1000 * second, [at(1, 2000 * second)], 2000 * second);
  expect(rates.of(1)).toBe(2);
  expect(rates.history).toEqual([2, 2, 2, 2, 2]);
});

test('a transfer that stalls is down to nothing after three samples', () => {
  const rates = new Rates();
  for (let second = 0; second <= 8; second++) rates.sample(1000 * second, [at(1, Math.min(5, second) * 3000)], 0);
  expect(rates.of(1)).toBe(0);
});

test('a new transfer counts from the sample before it; an unknown one, and one that is over, have none', () => {
  const rates = new Rates();
  rates.sample(0, [], 0);
  rates.sample(1000, [], 0);
  rates.sample(2000, [at(7, 5000)], 5000);
  expect(rates.of(7)).toBe(5);
  expect(rates.of(8)).toBe(0);
  rates.sample(3000, [], 5000);
  expect(rates.of(7)).toBe(0);
});

test('the first sample tells no rate, and a clock that stands still divides by nothing', () => {
  const rates = new Rates();
  rates.sample(0, [at(1, 5000)], 5000);
  rates.sample(0, [at(1, 6000)], 6000);
  expect(rates.of(1)).toBe(0);
  expect(rates.history).toEqual([]);
});

test('the history is bounded', () => {
  const rates = new Rates();
  for (let i = 0; i < 3 * HISTORY; i++) rates.sample(i, [], i);
  expect(rates.history).toHaveLength(HISTORY);
});
