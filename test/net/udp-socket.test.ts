import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { UdpcpError } from '../../src/errors.ts';
import { addressKey, formatAddress, formatAddressKey } from '../../src/net/address.ts';
import { type SocketListener, UdpSocket } from '../../src/net/udp-socket.ts';

const open = new Set<UdpSocket>();
afterEach(async () => {
  for (const socket of open) await socket.close();
  open.clear();
});

async function bind(address: string | undefined, port = 0): Promise<UdpSocket> {
  const socket = await UdpSocket.bind(address, port);
  open.add(socket);
  return socket;
}

async function connect(address: string, port: number, family: 4 | 6): Promise<UdpSocket> {
  const socket = await UdpSocket.connect({ address, port }, family);
  open.add(socket);
  return socket;
}

/** Listens, and gives what came first as text, with its sender. */
async function firstDatagram(socket: UdpSocket): Promise<{ text: string; from: string }> {
  const events = new EventTarget();
  let heard: { text: string; from: string } | undefined;
  const listener: SocketListener = {
    onDatagram: (datagram, from) => {
      heard ??= { text: Buffer.from(datagram).toString(), from: formatAddressKey(from) };
      events.dispatchEvent(new Event('heard'));
    },
    onUnreachable: () => {},
  };
  socket.listen(listener);
  await once(events, 'heard');
  return heard as { text: string; from: string };
}

const codeOf = (error: unknown): string | undefined => (error instanceof UdpcpError ? error.code : undefined);

describe('UdpSocket', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1', 4],
    ['::1', '::1', 6],
    [undefined, '127.0.0.1', 4], // one socket for both families
    [undefined, '::1', 6],
  ] as const)('bound to %s hears who calls %s, and answers', async (local, remote, family) => {
    const server = await bind(local);
    const client = await connect(remote, server.address.port, family);
    const atServer = firstDatagram(server);
    client.send(Buffer.from('hello, and more').subarray(0, 5), '', () => {});
    const { text, from } = await atServer;
    expect(text).toBe('hello');
    expect(from).toBe(formatAddress(client.address));
    const atClient = firstDatagram(client);
    const mapped = local === undefined && family === 4 ? `::ffff:${client.address.address}` : client.address.address;
    server.send(Buffer.from('yes'), addressKey(mapped, client.address.port), () => {});
    expect((await atClient).text).toBe('yes');
  });

  test('a connected socket tells when the network says that nobody listens', async () => {
    const server = await UdpSocket.bind('127.0.0.1', 0);
    const { port } = server.address;
    await server.close();
    const client = await connect('127.0.0.1', port, 4);
    const unreachable = new Promise<void>((resolve) => {
      client.listen({ onDatagram: () => {}, onUnreachable: resolve });
    });
    client.send(Buffer.from('x'), '', () => {});
    await unreachable;
  });

  test('stays where it is while this system would send from the same address as before', async () => {
    const server = await bind('127.0.0.1');
    const client = await connect('127.0.0.1', server.address.port, 4);
    const { port } = client.address;
    expect([await client.reroute(), await server.reroute()]).toEqual([false, false]);
    expect(client.address.port).toBe(port);
    const atServer = firstDatagram(server);
    client.send(Buffer.from('x'), '', () => {});
    expect((await atServer).from).toBe(formatAddress(client.address));
  });

  test('datagrams of several senders keep their addresses apart', async () => {
    const server = await bind('127.0.0.1');
    const clients = await Promise.all([1, 2].map(() => connect('127.0.0.1', server.address.port, 4)));
    const heard: string[] = [];
    const all = new Promise<void>((resolve) => {
      server.listen({
        onDatagram: (datagram, from) => {
          if (heard.push(`${Buffer.from(datagram)} from ${from}`) === 6) resolve();
        },
        onUnreachable: () => {},
      });
    });
    for (let round = 0; round < 3; round++) {
      for (const [i, client] of clients.entries()) client.send(Buffer.from(`${i}`), '', () => {});
    }
    await all;
    const expected = clients.map(({ address }, i) => `${i} from ${addressKey(address.address, address.port)}`);
    expect(new Set(heard)).toEqual(new Set(expected));
    expect(expected[0]?.slice(1)).not.toBe(expected[1]?.slice(1));
  });

  test('a datagram that no packet can hold is refused to whoever sends it, and the listener told that it was too big', async () => {
    const client = await connect('127.0.0.1', 9, 4);
    let tooBig = 0;
    client.listen({ onDatagram: () => {}, onUnreachable: () => {}, onTooBig: () => tooBig++ });
    const error = await new Promise<unknown>((resolve) => client.send(new Uint8Array(65_508), '', resolve));
    expect(error).toMatchObject({ code: 'EMSGSIZE' });
    client.handleTooBig();
    expect(tooBig).toBe(1);
  });

  test('a port is never shared', async () => {
    const { port } = (await bind('127.0.0.1')).address;
    const second = await bind('127.0.0.1', port).catch((error: unknown) => error);
    expect(codeOf(second)).toBe('ERR_BIND');
    expect(second).toMatchObject({ message: expect.stringContaining('choose another with --port') });
  });

  test.each([
    ['an address of another machine', () => bind('192.0.2.254'), 'ERR_BIND'],
    ['a peer on a link that is not named', () => connect('fe80::1', 9, 6), 'ERR_UNREACHABLE'],
  ])('%s is refused in words', async (_, attempt, code) => {
    expect(codeOf(await attempt().catch((error: unknown) => error))).toBe(code);
  });
});
