import { describe, expect, test } from 'vitest';
import { resumingLine, sentLines } from '../../src/cli/sent-lines.ts';
import type { SendResult, SentFile } from '../../src/send/send-result.ts';

const FILE: SentFile = {
  path: 'a',
  name: 'a',
  kind: 'file',
  status: 'stored',
  code: 0,
  text: '',
  size: 1_000_000,
  sha256: '00',
  resumedBytes: 0,
  alreadyThere: false,
};
const THERE: SentFile = { ...FILE, path: 'b', text: 'already there', resumedBytes: 1_000_000, alreadyThere: true };
const DIRECTORY: SentFile = { ...FILE, kind: 'directory', size: 0 };

const LINK: SentFile = { ...FILE, kind: 'link', size: 0 };

const result = (files: readonly SentFile[]): SendResult => ({
  files,
  leftOut: [],
  reconnections: 0,
  elapsed: 1000,
  terms: undefined,
  security: undefined,
  datagramSize: undefined,
  stats: undefined,
  srtt: undefined,
  channel: undefined,
});

describe('sentLines() tells what moved', () => {
  const SENT = 'sent 1 file, 1 MB in 1 s: 8 Mbit/s (1 MB/s)';
  const rows: [string, SentFile[], string[]][] = [
    ['nothing', [], []],
    ['a file', [FILE], [SENT]],
    ['a file that was renamed', [{ ...FILE, text: 'stored as a 2' }], [SENT, 'a: stored as a 2']],
    [
      'half a file',
      [{ ...FILE, resumedBytes: 600_000 }],
      ['sent 1 file, 400 kB (600 kB were there already) in 1 s: 3.2 Mbit/s (400 kB/s)'],
    ],
    ['a file that was there', [THERE], ['1 file was there already, nothing had to be sent', 'b: already there']],
    [
      'a directory with files that were there',
      [DIRECTORY, THERE, THERE],
      ['2 files were there already, nothing had to be sent', 'b: already there', 'b: already there'],
    ],
    ['one of two', [FILE, THERE], [SENT, '1 file was there already', 'b: already there']],
    [
      'thousands that were there',
      new Array<SentFile>(10_000).fill(THERE),
      ['10,000 files were there already, nothing had to be sent'],
    ],
    [
      'a link beside a file that was there',
      [LINK, DIRECTORY, THERE],
      ['sent 1 directory, 1 link, 0 B in 1 s', '1 file was there already', 'b: already there'],
    ],
    [
      'a link that was there',
      [{ ...LINK, text: 'already there' }, DIRECTORY],
      ['1 file was there already, nothing had to be sent', 'a: already there'],
    ],
    ['an empty directory', [DIRECTORY], ['sent 1 directory, 0 B in 1 s']],
  ];
  test.each(rows)('%s', (_, files, lines) => {
    expect(sentLines(result(files))).toEqual(lines);
  });

  test('and names every file when asked to', () => {
    expect(sentLines(result(new Array<SentFile>(1000).fill(THERE)), true)).toHaveLength(1001);
  });
});

test.each([
  [43, 100, '43%'],
  [999, 1000, '99%'],
  [10, 10, '100%'],
])('resumingLine() of %d of %d bytes', (resumedBytes, size, percent) => {
  expect(resumingLine({ name: 'movie.mkv', resumedBytes, size })).toBe(`resuming movie.mkv at ${percent}`);
});
