import { expect, test } from 'vitest';
import { Totals } from '../../src/metrics/totals.ts';
import { endOf, progressOf, storedOf } from './progress.ts';

test('nothing is counted twice or lost when a transfer ends', () => {
  const totals = new Totals();
  const first = progressOf(1, { bytesReceived: 1000, duplicates: 2 });
  const second = progressOf(2, { bytesReceived: 500 });
  expect(totals.sessions([first, second])).toMatchObject({ bytesReceived: 1500, duplicates: 2 });
  totals.take(endOf(first));
  expect(totals.sessions([second])).toMatchObject({ bytesReceived: 1500, duplicates: 2 });
  first.stats.bytesReceived += 40; // its last words
  expect(totals.sessions([second])).toMatchObject({ bytesReceived: 1500 });
});

test('files and transfers are counted by what became of them', () => {
  const totals = new Totals();
  totals.take(storedOf(1, 700));
  totals.take(storedOf(1, 300));
  totals.take(endOf(progressOf(1)));
  totals.take(endOf(progressOf(2), { end: 'silence', text: 'the sender fell silent' }));
  totals.take(endOf(progressOf(3), { end: 'silence' }));
  expect(totals.storedBytes).toBe(1000);
  expect([...totals.files]).toEqual([['stored', 2]]);
  expect([...totals.transfers]).toEqual([
    ['complete', 1],
    ['silence', 2],
  ]);
});

test('of ten thousand that ended the last few are remembered, the newest first', () => {
  const totals = new Totals();
  for (let i = 1; i <= 10_000; i++) totals.take(endOf(progressOf(i)));
  expect(totals.recent.length).toBeLessThanOrEqual(20);
  expect(totals.recent.map(({ transfer }) => transfer).slice(0, 3)).toEqual([10_000, 9_999, 9_998]);
});
