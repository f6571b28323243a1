import { describe, expect, test } from 'vitest';
import {
  formatAge,
  formatBitRate,
  formatByteRate,
  formatClock,
  formatCount,
  formatDuration,
  formatPercent,
  formatSize,
} from '../../src/cli/format.ts';

describe('formatSize()', () => {
  test.each([
    [0, '0 B'],
    [1, '1 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [1536, '1.54 kB'],
    [999_499, '999 kB'],
    [999_500, '1 MB'],
    [16_777_216, '16.8 MB'],
    [5_368_709_120, '5.37 GB'],
    [Number.MAX_SAFE_INTEGER, '9.01 PB'],
  ])('%d is %s', (bytes, shown) => {
    expect(formatSize(bytes)).toBe(shown);
  });
});

test.each([
  [0, '0 B/s', '0 bit/s'],
  [0.001, '1 B/s', '8 bit/s'],
  [2500, '2.5 MB/s', '20 Mbit/s'],
  [125_000, '125 MB/s', '1 Gbit/s'],
])('formatByteRate() and formatBitRate() of %d bytes/ms are %s and %s', (rate, bytes, bits) => {
  expect(formatByteRate(rate)).toBe(bytes);
  expect(formatBitRate(rate)).toBe(bits);
});

test.each([
  [0, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 m'],
  [3_599_999, '59 m'],
  [3_600_000, '1 h'],
  [47.9 * 3_600_000, '47 h'],
  [48 * 3_600_000, '2 d'],
  [400 * 86_400_000, '400 d'],
])('formatAge(%i) is %s', (span, shown) => {
  expect(formatAge(span)).toBe(shown);
});

test.each([
  [0, '0:00'],
  [1, '0:01'],
  [12_000, '0:12'],
  [59_001, '1:00'],
  [600_000, '10:00'],
  [7_384_000, '2:03:04'],
  [86_400_000, '24:00:00'],
])('formatClock() of %d ms is %s', (span, shown) => {
  expect(formatClock(span)).toBe(shown);
});

describe('formatDuration()', () => {
  test.each([
    [0, '0 ms'],
    [0.25, '0.25 ms'],
    [250, '250 ms'],
    [999.6, '1 s'],
    [1500, '1.5 s'],
    [59_940, '59.9 s'],
    [59_960, '1 m 00 s'],
    [65_000, '1 m 05 s'],
    [3_599_400, '59 m 59 s'],
    [3_599_600, '1 h 00 m'],
    [7_380_000, '2 h 03 m'],
    [360_000_000, '100 h 00 m'],
  ])('%d ms is %s', (span, shown) => {
    expect(formatDuration(span)).toBe(shown);
  });
});

test.each([
  [0, '0%'],
  [0.05, '5%'],
  [0.001_234, '0.123%'],
  [1, '100%'],
])('formatPercent() of %d is %s', (ratio, shown) => {
  expect(formatPercent(ratio)).toBe(shown);
});

test.each([
  [0, '0 files'],
  [1, '1 file'],
  [12_345, '12,345 files'],
])('formatCount() of %d is %s', (count, shown) => {
  expect(formatCount(count, 'file')).toBe(shown);
});
