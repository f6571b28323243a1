import { afterEach, expect, test, vi } from 'vitest';
import { RecvJson } from '../../../src/cli/json/recv-json.ts';
import { emptyStats } from '../../../src/session/stats.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('a peer cannot fill the memory of --json: ten thousand files, and how many were left out', () => {
  let said = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
  const json = new RecvJson('json', { security: {}, session: {}, channel: undefined, options: {} });
  const common = { transfer: 1, peer: '192.0.2.1:5000' };
  const security = { protection: 'plain', fingerprint: undefined, identity: undefined } as const;
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
  json.take({ kind: 'started', ...common, security });
  for (let i = 0; i < 100_000; i++) json.take({ kind: 'file', ...common, file });
  const counts = {
    stored: 0,
    alreadyThere: 0,
    failed: 100_000,
    bytes: 0,
    resumedBytes: 0,
    elapsed: 1,
    stats: emptyStats(),
  };
  json.take({ kind: 'ended', ...common, security, end: 'complete', text: '', ...counts });
  json.end(0);
  vi.restoreAllMocks();
  const { files, filesOmitted, failed } = JSON.parse(said).transfer;
  expect([files.length, filesOmitted, failed]).toEqual([10_000, 90_000, 100_000]);
});
