import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { progressLine } from '../../../src/cli/progress/progress-line.ts';
import type { ProgressView } from '../../../src/cli/progress/progress-tracker.ts';
import { columns } from '../../../src/printable.ts';
import { anyString } from '../../any-string.ts';

const VIEW: ProgressView = {
  name: 'movie.mkv',
  bytes: 4_500_000,
  total: 10_000_000,
  ratio: 0.45,
  rate: 2500,
  averageRate: 2000,
  eta: 2200,
  stalled: undefined,
  rtt: 50.2,
  lossRate: 0.0123,
  resent: 1234,
};

describe('progressLine() leaves out what has no room', () => {
  test.each([
    [
      200,
      'movie.mkv  [=============-----------------]   45%  4.5 MB of 10 MB  2.5 MB/s  average 2 MB/s  ETA 3 s  RTT 50.2 ms  loss 1.23%  resent 1,234 datagrams',
    ],
    [
      120,
      'movie.mkv  [==========--------------]   45%  4.5 MB of 10 MB  2.5 MB/s  average 2 MB/s  ETA 3 s  RTT 50.2 ms  loss 1.23%',
    ],
    [80, 'movie.mkv  [=======---------]   45%  4.5 MB of 10 MB  2.5 MB/s  ETA 3 s'],
    [60, 'movie.mkv   45%  4.5 MB of 10 MB  2.5 MB/s  ETA 3 s'],
    [40, ' 45%  4.5 MB of 10 MB  2.5 MB/s'],
    [24, ' 45%  4.5 MB of 10 MB'],
    [10, ' 45%'],
    [1, ''],
  ])('in %d columns', (width, line) => {
    expect(progressLine(VIEW, width, 'bar')).toBe(line);
  });
});

describe('progressLine() of many files counts them beside the name', () => {
  const many = { ...VIEW, name: 'a-long-name-of-a-photo.jpg', files: { done: 9980, all: 10_000 } };
  test.each([
    [
      120,
      'a-long-name-of-a-photo.jpg  9,980/10,000 files  [==========--------------]   45%  4.5 MB of 10 MB  2.5 MB/s  ETA 3 s',
    ],
    [80, 'a-long-name-of-a-...  9,980/10,000 files   45%  4.5 MB of 10 MB  2.5 MB/s'],
    [60, 'a-long-name-...   45%  4.5 MB of 10 MB  2.5 MB/s'],
    [1, ''],
  ])('in %d columns', (width, line) => {
    expect(progressLine(many, width, 'bar')).toBe(line);
  });

  test('in any number of columns, with room for all', () => {
    const line = progressLine(many, 10_000, 'bar');
    expect(line).toMatch(/^a-long-name-of-a-photo\.jpg {2}9,980\/10,000 files {2}\[=+-+\] .* resent 1,234 datagrams$/);
  });
});

describe('progressLine() as text', () => {
  test.each([
    [
      'says all but the bar',
      {},
      'movie.mkv   45%  4.5 MB of 10 MB  2.5 MB/s  average 2 MB/s  ETA 3 s  RTT 50.2 ms  loss 1.23%  resent 1,234 datagrams',
    ],
    [
      'says what is known of a pipe',
      { total: undefined, ratio: undefined, eta: undefined, rtt: undefined, lossRate: undefined, resent: undefined },
      'movie.mkv  4.5 MB  2.5 MB/s  average 2 MB/s',
    ],
    [
      'tells a stall',
      { stalled: 12_900, eta: undefined, rtt: undefined, lossRate: undefined, resent: undefined },
      'movie.mkv   45%  4.5 MB of 10 MB  stalled 12 s  average 2 MB/s',
    ],
    [
      'tells what it waits for, above all',
      {
        waiting: 'reconnecting (attempt 3, 0:12 left of 10:00)',
        eta: undefined,
        rtt: undefined,
        lossRate: undefined,
        resent: undefined,
      },
      ' 45%  4.5 MB of 10 MB  reconnecting (attempt 3, 0:12 left of 10:00)',
    ],
  ])('%s', (_, change, line) => {
    expect(progressLine({ ...VIEW, ...change }, Infinity, 'text')).toBe(line);
  });
});

test.each([
  [200, ' 45%  4.5 MB of 10 MB  reconnecting (attempt 3, 0:12 left of 10:00)'],
  [50, ' 45%  reconnecting (attempt 3, 0:12 left of 10:00)'],
  [20, 'reconnecting (att...'],
  [1, '.'],
])('progressLine() in %d columns leaves out everything before what it waits for', (width, line) => {
  const view = { ...VIEW, waiting: 'reconnecting (attempt 3, 0:12 left of 10:00)', eta: undefined };
  expect(progressLine({ ...view, rtt: undefined, lossRate: undefined, resent: undefined }, width, 'text')).toBe(line);
});

test.each([
  [0, '0%', '[----------------]'],
  [0.999_999, '99%', '[===============-]'],
  [1, '100%', '[================]'],
])('progressLine() says 100%% only when all is done: %d is %s', (ratio, percent, bar) => {
  const line = progressLine({ ...VIEW, ratio }, 80, 'bar');
  expect(line).toContain(` ${percent} `);
  expect(line).toContain(bar);
});

test('progressLine() cuts a long name and escapes a hostile one', () => {
  const line = progressLine({ ...VIEW, name: `\x1b[2J${'x'.repeat(300)}` }, 80, 'bar');
  expect(line).toMatch(/^\\u\{1b\}\[2Jx+\.\.\. {2}/);
});

test('progressLine() fits, whatever the terminal and the name', () => {
  const views = fc.record({
    name: anyString(),
    ratio: fc.double({ min: 0, max: 1, noNaN: true }),
    rtt: fc.option(fc.nat(), { nil: undefined }),
    files: fc.option(fc.record({ done: fc.nat(), all: fc.nat() }), { nil: undefined }),
  });
  fc.assert(
    fc.property(views, fc.oneof(fc.nat(300), fc.nat(10_000)), fc.constantFrom('bar', 'text'), (view, width, style) => {
      expect(columns(progressLine({ ...VIEW, ...view }, width, style))).toBeLessThanOrEqual(width);
    }),
  );
});
