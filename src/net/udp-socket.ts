import { createSocket, type Socket, type SocketType } from 'node:dgram';
import type { Bytes } from '../base/units.ts';
import { UdpcpError } from '../errors.ts';
import { formatAddress, parseAddressKey, type SocketAddress } from './address.ts';

/** Asked of the system for each direction, so that a burst waits instead of being lost; it may give less. */
const SOCKET_BUFFER: Bytes = 4 * 1024 * 1024;

/** What a socket tells its owner. */
export interface SocketListener {
  onDatagram(datagram: Uint8Array, address: string, port: number): void;
  /** The system reports that nobody listens at the peer's address (ICMP). */
  onUnreachable(): void;
}

/** A UDP socket, bound, and connected where it has one peer only. Errors of single datagrams are lost datagrams. */
export class UdpSocket {
  readonly #socket: Socket;
  readonly #isConnected: boolean;

  private constructor(socket: Socket, isConnected: boolean) {
    this.#socket = socket;
    this.#isConnected = isConnected;
  }

  /** A socket that only this peer's datagrams reach. Rejects with UdpcpError ERR_UNREACHABLE, or ERR_BIND without one. */
  static async connect(peer: SocketAddress, family: 4 | 6): Promise<UdpSocket> {
    const socket = open(family === 6 ? 'udp6' : 'udp4');
    try {
      await settle(socket, 'connect', () => socket.connect(peer.port, peer.address));
    } catch (error) {
      socket.close();
      const words = CONNECT_WORDS[codeOf(error) ?? ''];
      const text = `cannot send to ${formatAddress(peer)} over UDP: ${words ?? wordsOf(error)}`;
      throw new UdpcpError(words === undefined ? 'ERR_BIND' : 'ERR_UNREACHABLE', text, { cause: error });
    }
    return new UdpSocket(socket, true);
  }

  /** A socket for anyone's datagrams; port 0 takes any free one. Rejects with UdpcpError ERR_BIND. */
  static async bind(address: string | undefined, port: number): Promise<UdpSocket> {
    try {
      if (address !== undefined) return await bindTo(address.includes(':') ? 'udp6' : 'udp4', address, port);
      // Both families at one port, where the system has IPv6 at all.
      return await bindTo('udp6', '::', port).catch((error: unknown) => {
        if (codeOf(error) === 'EAFNOSUPPORT' || codeOf(error) === 'EADDRNOTAVAIL')
          return bindTo('udp4', '0.0.0.0', port);
        throw error;
      });
    } catch (error) {
      const words = BIND_WORDS[codeOf(error) ?? ''] ?? wordsOf(error);
      const where = address === undefined ? `UDP port ${port}` : `UDP ${formatAddress({ address, port })}`;
      throw new UdpcpError('ERR_BIND', `cannot listen on ${where}: ${words}`, { cause: error });
    }

    async function bindTo(type: SocketType, host: string, at: number): Promise<UdpSocket> {
      const socket = open(type);
      try {
        // Never reuseAddr: two receivers on one port would share the datagrams between them.
        await settle(socket, 'listening', () => socket.bind({ address: host, port: at, exclusive: true }));
      } catch (error) {
        socket.close();
        throw error;
      }
      return new UdpSocket(socket, false);
    }
  }

  /** Where it listens. */
  get address(): SocketAddress {
    return this.#socket.address();
  }

  /** The receive buffer that the system gave, which counts its own overhead. */
  get receiveBuffer(): Bytes {
    return this.#socket.getRecvBufferSize();
  }

  listen(listener: SocketListener): void {
    this.#socket.on('message', (datagram, { address, port }) => listener.onDatagram(datagram, address, port));
    this.#socket.on('error', (error) => {
      if (codeOf(error) === 'ECONNREFUSED') listener.onUnreachable();
    });
  }

  /** Sends bytes 0..length-1; they must stay as they are until `done` is told. */
  send(datagram: Uint8Array, length: Bytes, to: string, done: (error: Error | null) => void): void {
    if (this.#isConnected) {
      this.#socket.send(datagram, 0, length, done);
      return;
    }
    const { address, port } = parseAddressKey(to);
    this.#socket.send(datagram, 0, length, port, address, done);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}

function open(type: SocketType): Socket {
  return createSocket({
    type,
    recvBufferSize: SOCKET_BUFFER,
    sendBufferSize: SOCKET_BUFFER,
    // Addresses only: without this every datagram would ask the resolver.
    lookup: (address, _options, callback) => callback(null, address, type === 'udp6' ? 6 : 4),
  });
}

function settle(socket: Socket, event: 'connect' | 'listening', begin: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once(event, () => {
      socket.off('error', reject);
      resolve();
    });
    begin();
  });
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

const BIND_WORDS: Record<string, string> = {
  EADDRINUSE: 'the port is in use; choose another with --port, or 0 for any free one',
  EACCES: 'ports below 1024 need privileges; choose another with --port',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EAFNOSUPPORT: 'this machine has no address of that family',
  EINVAL: 'the address is not usable here',
};

/** What the system says when the way to the peer, and not the socket, is at fault. */
const CONNECT_WORDS: Record<string, string> = {
  ENETUNREACH: 'no route leads there; is this machine connected?',
  EHOSTUNREACH: 'no route leads there; is this machine connected?',
  EADDRNOTAVAIL: 'this machine has no address of that family',
  EAFNOSUPPORT: 'this machine has no address of that family',
  EACCES: 'it is a broadcast address, or a firewall of this machine forbids it',
  EPERM: 'a firewall of this machine forbids it',
  EINVAL: 'the address needs the zone of an interface, like fe80::1%eth0',
};

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
