import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSha256 } from '../src/crypto/digest.ts';
import { createChannels } from '../src/net/live-channels.ts';
import type { HostAddress } from '../src/net/resolve.ts';
import { type FileReceiver, receiveFiles } from '../src/receive-files.ts';
import { type Attempt, sendToFirst } from '../src/send-attempt.ts';
import { sessionConfig } from '../src/session/config.ts';
import { memoryEntry } from '../src/transfer/memory-source.ts';

let out: string;
let receiver: FileReceiver;
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'udpcp-'));
  receiver = await receiveFiles({ out, address: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  await receiver.close();
  await rm(out, { recursive: true, force: true });
});

const LISTENS: HostAddress = { address: '127.0.0.1', family: 4 };
const NOBODY: HostAddress = { address: '::1', family: 6 };
/** Link-local without a zone: the system knows no way there. */
const NO_WAY: HostAddress = { address: 'fe80::1', family: 6 };

function sendTo(addresses: readonly HostAddress[], signal?: AbortSignal): Promise<Attempt> {
  return sendToFirst(addresses, {
    entries: [memoryEntry('file', Uint8Array.of(1, 2, 3), createSha256)],
    port: receiver.address.port,
    session: sessionConfig({ connectTimeout: 600 }),
    channels: createChannels(undefined),
    signal,
    onProgress: undefined,
  });
}

describe('sendToFirst()', () => {
  test.each([
    ['the only address', [LISTENS]],
    ['the first address', [LISTENS, NOBODY]],
    ['the second, when nobody listens at the first', [NOBODY, LISTENS]],
    ['the second, when there is no way to the first', [NO_WAY, LISTENS]],
  ])('sends to %s', async (_, addresses) => {
    const { end } = await sendTo(addresses);
    expect(end).toMatchObject({ kind: 'complete', outcomes: [{ status: 'stored' }] });
  });

  test('tells that nobody answered when that is so at every address', async () => {
    expect((await sendTo([NO_WAY, NOBODY])).end).toMatchObject({
      kind: 'no-session',
      failure: { kind: 'unreachable' },
    });
  });

  test('rejects when there is no way to any', async () => {
    await expect(sendTo([NO_WAY])).rejects.toMatchObject({ code: 'ERR_UNREACHABLE' });
  });

  test('does not try another address once it was cancelled', async () => {
    expect((await sendTo([NOBODY, LISTENS], AbortSignal.abort())).end.kind).toBe('cancelled');
  });
});
