import { createSocket } from 'node:dgram';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { callFirst } from '../../src/call/address-race.ts';
import type { CallOutcome } from '../../src/call/call-attempt.ts';
import { createSha256 } from '../../src/crypto/digest.ts';
import { NoiseInitiator } from '../../src/crypto/noise-initiator.ts';
import { type ChannelChoice, createChannels } from '../../src/net/live-channels.ts';
import type { HostAddress } from '../../src/net/resolve.ts';
import type { FileReceiver } from '../../src/receive/file-receiver.ts';
import type { ReceiveEvent } from '../../src/receive/receive-event.ts';
import { receiveFiles } from '../../src/receive/receive-files.ts';
import { senderOf } from '../../src/send/send-persistently.ts';
import { sessionConfig } from '../../src/session/config.ts';
import { memoryEntry } from '../../src/transfer/memory-source.ts';
import type { Sender } from '../../src/transfer/sender.ts';

let out: string;
let lateOut: string;
let receiver: FileReceiver;
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'udpcp-'));
  lateOut = await mkdtemp(join(tmpdir(), 'udpcp-'));
  receiver = await receiveFiles({ out, address: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  await receiver.close();
  for (const path of [out, lateOut]) await rm(path, { recursive: true, force: true });
});

const LISTENS: HostAddress = { address: '127.0.0.1', family: 4 };
const NOBODY: HostAddress = { address: '::1', family: 6 };
/** Link-local without a zone: the system knows no way there. */
const NO_WAY: HostAddress = { address: 'fe80::1', family: 6 };

interface Choices {
  readonly signal?: AbortSignal;
  readonly connectTimeout?: number;
  readonly channel?: ChannelChoice;
  readonly port?: number;
  readonly content?: Uint8Array;
}

async function sendTo(addresses: readonly HostAddress[], choices: Choices = {}): Promise<CallOutcome<Sender>> {
  const { signal, connectTimeout = 600, channel, port = receiver.address.port } = choices;
  const { content = Uint8Array.of(1, 2, 3) } = choices;
  return callFirst(addresses, {
    caller: senderOf([memoryEntry('file', content, createSha256)]),
    port,
    session: sessionConfig({ connectTimeout }),
    agree: () => new NoiseInitiator(),
    channels: await createChannels(channel),
    signal,
    onProgress: undefined,
  });
}

describe('callFirst()', () => {
  test.each([
    ['the only address', [LISTENS]],
    ['the first address', [LISTENS, NOBODY]],
    ['the second, when nobody listens at the first', [NOBODY, LISTENS]],
    ['the second, when there is no way to the first', [NO_WAY, LISTENS]],
  ])('sends to %s', async (_, addresses) => {
    const { end } = await sendTo(addresses);
    expect(end).toMatchObject({ kind: 'complete', outcomes: [{ status: 'stored' }] });
  });

  test('does not wait out the silence of the first address before it calls the second', async () => {
    const silent = createSocket('udp6').bind(receiver.address.port, '::1');
    try {
      const { end, startedAt, endedAt } = await sendTo([NOBODY, LISTENS], { connectTimeout: 60_000 });
      expect(end.kind).toBe('complete');
      expect(endedAt - startedAt).toBeLessThan(5000);
    } finally {
      silent.close();
    }
  });

  test('gives up the address that answers second, before it begins to send there', async () => {
    const events: ReceiveEvent[] = [];
    const receiveAt = (address: string, port: number, delay: number, directory: string) => {
      const channel = { out: {}, in: { delay }, seed: 1 };
      return receiveFiles({ out: directory, address, port, channel, onEvent: (event) => events.push(event) });
    };
    const soon = await receiveAt('127.0.0.1', 0, 250, out);
    const late = await receiveAt('::1', soon.address.port, 600, lateOut);
    try {
      // Long enough that the late one has answered both HELLOs by the time the other has taken all of it.
      const content = new Uint8Array(100_000);
      const { end } = await sendTo([NOBODY, LISTENS], { connectTimeout: 60_000, port: soon.address.port, content });
      expect(end.kind).toBe('complete');
      expect(events.filter(({ kind }) => kind === 'started')).toHaveLength(1);
      expect(await readdir(out)).toEqual(['file']);
    } finally {
      await Promise.all([soon.close(), late.close()]);
    }
  });

  test('calls the addresses in turn where a channel stands between', async () => {
    const channel = { out: { delay: 1 }, in: {}, seed: 1 };
    expect((await sendTo([NOBODY, LISTENS], { channel })).end.kind).toBe('complete');
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
    expect((await sendTo([NOBODY, LISTENS], { signal: AbortSignal.abort() })).end.kind).toBe('cancelled');
  });
});
