import { describe, expect, test } from 'vitest';
import type { ChannelStats } from '../../src/channel/stats.ts';
import { channelLines, openingLines, type Summary, seedLine, summaryLine } from '../../src/cli/report.ts';

const NOTHING: ChannelStats = {
  datagramsIn: 0,
  bytesIn: 0,
  datagramsDelivered: 0,
  bytesDelivered: 0,
  lost: { 'drop-list': 0, blackout: 0, mtu: 0, loss: 0, burst: 0, queue: 0 },
  duplicated: 0,
  corrupted: 0,
  truncated: 0,
  reordered: 0,
  held: 0,
  maxQueue: 0,
};

describe('channelLines()', () => {
  test.each([
    ['a channel that did nothing', { datagramsIn: 1, bytesIn: 1200 }, '1 datagram (1.2 kB), none lost'],
    [
      'each cause of loss',
      {
        datagramsIn: 1000,
        bytesIn: 1_200_000,
        lost: { 'drop-list': 1, blackout: 2, mtu: 0, loss: 30, burst: 4, queue: 13 },
      },
      '1,000 datagrams (1.2 MB), 50 lost (5%: drop-list 1, blackout 2, loss 30, burst 4, queue 13)',
    ],
    [
      'each other fault',
      {
        datagramsIn: 9,
        bytesIn: 900,
        duplicated: 1,
        reordered: 2,
        corrupted: 3,
        truncated: 4,
        held: 5,
        maxQueue: 64_000,
      },
      '9 datagrams (900 B), none lost, 1 duplicated, 2 reordered, 3 corrupted, 4 truncated, 5 still inside, longest queue 64 kB',
    ],
  ])('tells of %s', (_, change, line) => {
    const stats = { ...NOTHING, ...change };
    expect(channelLines({ out: stats, in: NOTHING })).toEqual([`channel, sending: ${line}`]);
    expect(channelLines({ out: NOTHING, in: stats })).toEqual([`channel, receiving: ${line}`]);
  });

  test('says nothing where nothing was sent', () => {
    expect(channelLines({ out: NOTHING, in: NOTHING })).toEqual([]);
  });
});

describe('openingLines()', () => {
  const choice = { out: {}, in: {}, seed: 7 };
  test.each([
    ['no channel', undefined, undefined, []],
    ['a channel', choice, undefined, ['seed 7 (--seed 7 repeats this channel)']],
    ['a replay, whose seed does nothing', choice, 'a\nb', ['replaying the channel that a\\u{a}b recorded']],
  ])('tells of %s', (_, asked, replay, lines) => {
    expect(openingLines(asked, replay)).toEqual(lines);
  });

  test.each([
    ['--loss 100%', { out: { loss: 1 }, in: { loss: 1 } }],
    ['--loss-out 100%', { out: { loss: 1 }, in: {} }],
    ['--loss-in 100%', { out: { loss: 0.1 }, in: { loss: 1 } }],
  ])('warns of %s', (flag, specs) => {
    expect(openingLines({ ...choice, ...specs }, undefined)[1]).toBe(
      `udpcp: warning: with ${flag} nothing will arrive`,
    );
  });
});

test('seedLine() shows the option that repeats the run', () => {
  expect(seedLine(2 ** 53 - 1)).toBe('seed 9007199254740991 (--seed 9007199254740991 repeats this channel)');
});

describe('summaryLine()', () => {
  const summary: Summary = { verb: 'sent', files: 2, bytes: 16_777_216, elapsed: 2100 };
  test.each([
    ['a transfer', {}, 'sent 2 files, 16.8 MB in 2.1 s: 63.9 Mbit/s (7.99 MB/s)'],
    [
      'what was there',
      { resumedBytes: 60_000_000 },
      'sent 2 files, 16.8 MB (60 MB were there already) in 2.1 s: 63.9 Mbit/s (7.99 MB/s)',
    ],
    [
      'what was resent',
      { datagrams: { sent: 12_400, resent: 120 } },
      'sent 2 files, 16.8 MB in 2.1 s: 63.9 Mbit/s (7.99 MB/s), 120 of 12,400 datagrams resent',
    ],
    [
      'sessions that were lost',
      { reconnections: 1 },
      'sent 2 files, 16.8 MB in 2.1 s: 63.9 Mbit/s (7.99 MB/s), 1 reconnection',
    ],
    ['an empty file', { verb: 'received', files: 1, bytes: 0, elapsed: 12 }, 'received 1 file, 0 B in 12 ms'],
    [
      'a tree',
      { others: ['directory', 'link', 'link', 'directory'], elapsed: 0 },
      'sent 2 files, 2 directories, 2 links, 16.8 MB in 0 ms',
    ],
    ['directories alone', { files: 0, others: ['directory'], bytes: 0 }, 'sent 1 directory, 0 B in 2.1 s'],
    ['no time at all', { elapsed: 0 }, 'sent 2 files, 16.8 MB in 0 ms'],
  ] as const)('tells of %s', (_, change, line) => {
    expect(summaryLine({ ...summary, ...change })).toBe(line);
  });
});
