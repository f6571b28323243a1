import { afterEach, expect, test, vi } from 'vitest';
import { Output, type OutputOptions } from '../../src/cli/output.ts';
import { TransferLog } from '../../src/cli/transfer-log.ts';
import type { ReceiveEvent } from '../../src/receive/receive-event.ts';
import { emptyStats } from '../../src/session/stats.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const PEER = '192.0.2.1:5000';
const file = {
  name: 'n',
  status: 'refused',
  code: 2,
  text: 'no',
  size: 0,
  sha256: undefined,
  resumedBytes: 0,
  alreadyThere: false,
} as const;
const security = { protection: 'plain', fingerprint: undefined, identity: undefined } as const;
const started: ReceiveEvent = { kind: 'started', transfer: 1, peer: PEER, security };
const refused: ReceiveEvent = { kind: 'file', transfer: 1, peer: PEER, file };
const ended = (failed: number): ReceiveEvent => ({
  kind: 'ended',
  transfer: 1,
  peer: PEER,
  security,
  end: 'complete',
  text: '',
  stored: 0,
  alreadyThere: 0,
  resumedBytes: 0,
  failed,
  bytes: 0,
  elapsed: 1,
  stats: emptyStats(),
});

const stored = {
  ...refused,
  file: { ...file, status: 'stored', code: 0, text: '', size: 1500, sha256: '00' },
} as const;

/** All that is written about a transfer with these files. */
async function tell(events: readonly ReceiveEvent[], options: OutputOptions): Promise<string[]> {
  let said = '';
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      said += text;
      return true;
    });
  }
  const log = new TransferLog(await Output.open(options));
  for (const event of events) log.take(event);
  vi.restoreAllMocks();
  return said.trimEnd().split('\n');
}

const many = (count: number, event: ReceiveEvent): ReceiveEvent[] => new Array<ReceiveEvent>(count).fill(event);

test('a peer cannot fill the log: a hundred lines, and how many more there were', async () => {
  const lines = await tell([started, ...many(100_000, refused), ended(100_000)], { quiet: true });
  expect(lines).toHaveLength(101);
  expect(lines.at(-1)).toBe(`udpcp: 99,900 files more from ${PEER} were not stored`);
});

test('of thousands of files that were stored twenty are named, the others counted', async () => {
  const events = [started, ...many(10_000, stored), ended(0)];
  const lines = await tell(events, {});
  expect(lines).toEqual([
    ...new Array<string>(20).fill(`stored n, 1.5 kB, from ${PEER}`),
    `... and 9,980 files more from ${PEER}`,
  ]);
  const all = await tell(events, { verbose: true });
  expect(all.filter((line) => line.startsWith('stored '))).toHaveLength(10_000);
  expect(all.join()).not.toContain('...');
});

test('what was there already is told apart, and what goes on where it stopped', async () => {
  const there = { ...stored, file: { ...stored.file, resumedBytes: 1500, alreadyThere: true } } as const;
  const resuming = { kind: 'resuming', transfer: 1, peer: PEER, name: 'm', resumedBytes: 43, size: 100 } as const;
  const end = { ...ended(0), stored: 2, alreadyThere: 1, bytes: 57, resumedBytes: 43 };
  expect(await tell([started, resuming, stored, there, end], { verbose: true })).toEqual([
    `${PEER} began a transfer`,
    `resuming m at 43%, from ${PEER}`,
    `stored n, 1.5 kB, from ${PEER}`,
    '00  n',
    `already there n, 1.5 kB, from ${PEER}`,
    '00  n',
    'received 1 file, 57 B (43 B were there already) in 1 ms: 456 kbit/s (57 kB/s)',
  ]);
});
