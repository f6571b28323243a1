import { afterEach, expect, test, vi } from 'vitest';
import { Output } from '../../src/cli/output.ts';
import { TransferLog } from '../../src/cli/transfer-log.ts';
import type { ReceiveEvent } from '../../src/receive-event.ts';
import { emptyStats } from '../../src/session/stats.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const PEER = '192.0.2.1:5000';
const file = { name: 'n', status: 'refused', code: 2, text: 'no', size: 0, sha256: undefined } as const;
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
  failed,
  bytes: 0,
  elapsed: 1,
  stats: emptyStats(),
});

/** All that is written about a transfer whose files were all refused. */
async function tell(count: number, options: { readonly quiet?: boolean }): Promise<string> {
  let said = '';
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      said += text;
      return true;
    });
  }
  const log = new TransferLog(await Output.open(options));
  log.take(started);
  for (let i = 0; i < count; i++) log.take(refused);
  log.take(ended(count));
  vi.restoreAllMocks();
  return said;
}

test('a peer cannot fill the log: a hundred lines, and how many more there were', async () => {
  const lines = (await tell(100_000, { quiet: true })).trimEnd().split('\n');
  expect(lines).toHaveLength(101);
  expect(lines.at(-1)).toBe(`udpcp: 99,900 files more from ${PEER} were not stored`);
});
