import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { interfaceMtu, payloadOf } from '../../src/net/interface-mtu.ts';
import { receiveFiles } from '../../src/receive/receive-files.ts';
import type { ReceiveOptions } from '../../src/receive/receive-options.ts';
import { type SendOptions, sendFile } from '../../src/send/send-file.ts';
import type { SendResult } from '../../src/send/send-result.ts';

let directory: string;
let path: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'udpcp-'));
  path = join(directory, 'file');
  await writeFile(path, new Uint8Array(8_000_000));
});
afterAll(() => rm(directory, { recursive: true }));

/** Sends a file of 8 MB over the loopback. */
async function send(
  to: Partial<SendOptions>,
  at: Partial<ReceiveOptions> = {},
  address = '127.0.0.1',
): Promise<SendResult> {
  const out = await mkdtemp(join(directory, 'out-'));
  const receiver = await receiveFiles({ out, address, port: 0, ...at });
  try {
    return await sendFile(path, { host: address, port: receiver.address.port, ...to });
  } finally {
    await receiver.close();
  }
}

const onLoopback = (address: string): number => payloadOf(interfaceMtu(address), address);

describe('datagrams over the loopback', () => {
  test.each(['127.0.0.1', '::1'])('to %s become as large as it carries', async (address) => {
    expect((await send({}, {}, address)).datagramSize).toBe(onLoopback(address));
  });

  test.each([
    ['the sender’s --mtu', { mtu: 1500 }, {}, 1472],
    ['the receiver’s', {}, { mtu: 1400 }, 1372],
    ['an agreed maximum', { session: { maxDatagram: 5000 } }, {}, 5000],
    ['the base through a bad network: experiments do not depend on the machine', { channel: slow() }, {}, 1200],
    ['the base through the receiver’s bad network', {}, { channel: slow() }, 1200],
    ['what was asked for all the same', { mtu: 1500, channel: slow() }, {}, 1472],
  ])('stop at %s', async (_, to, at, size) => {
    const { datagramSize, files } = await send(to, at);
    expect(datagramSize).toBe(size);
    expect(files[0]?.status).toBe('stored');
  });
});

test.each([1227, 65_536, 1400.5])('an MTU of %d is refused on both sides', async (mtu) => {
  await expect(sendFile(path, { host: '127.0.0.1', mtu })).rejects.toMatchObject({ code: 'ERR_USAGE' });
  await expect(receiveFiles({ out: directory, port: 0, mtu })).rejects.toMatchObject({ code: 'ERR_USAGE' });
});

/** A channel that delays, and nothing else. */
function slow(): SendOptions['channel'] {
  return { out: { delay: 1 }, in: {}, seed: 1 };
}
