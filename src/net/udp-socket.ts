import { createSocket, type Socket, type SocketType } from 'node:dgram';
import type { Bytes } from '../base/units.ts';
import { UdpcpError } from '../errors.ts';
import { addressKey, formatAddress, parseAddressKey, type SocketAddress } from './address.ts';
import { FragmentWatch, fragmentsCreated } from './fragment-watch.ts';

/** Asked of the system for each direction, so that a burst waits instead of being lost; it may give less. */
const SOCKET_BUFFER: Bytes = 4 * 1024 * 1024;

/** What a socket tells its owner. */
export interface SocketListener {
  /** `from` is the sender's address key. */
  onDatagram(datagram: Uint8Array, from: string): void;
  /** The system reports that nobody listens at the peer's address (ICMP). */
  onUnreachable(): void;
  /** Whether this address may talk to us; what comes from others is never looked at. Everyone may unless given. */
  readonly mayTalk?: ((address: string) => boolean) | undefined;
  /** A datagram was too large for the path, or for this system to send in one piece; which one is not known. */
  onTooBig?(): void;
}

interface Peer extends SocketAddress {
  readonly family: 4 | 6;
}

/** A UDP socket, bound, and connected where it has one peer only. Errors of single datagrams are lost datagrams. */
export class UdpSocket {
  #socket: Socket;
  /** Whom it is connected to; undefined: it has no single peer. */
  readonly #peer: Peer | undefined;
  #listener: SocketListener | undefined;
  /** Of a connected socket: who has no single peer sends nothing large. */
  readonly #fragments: FragmentWatch | undefined;
  /** Where the last datagram of a socket without a peer went: most often the next one goes there too. */
  #last = { to: '', address: '', port: 0 };
  #isClosed = false;

  private constructor(socket: Socket, peer?: Peer) {
    this.#socket = socket;
    this.#peer = peer;
    if (peer === undefined) return;
    const version = socket.address().address.includes('.') ? 4 : 6; // what it is on the wire: ::ffff:1.2.3.4 is IPv4
    this.#fragments = new FragmentWatch(() => fragmentsCreated(version));
  }

  /** A socket that only this peer's datagrams reach. Rejects with UdpcpError ERR_UNREACHABLE, or ERR_BIND without one. */
  static async connect(peer: SocketAddress, family: 4 | 6): Promise<UdpSocket> {
    try {
      return new UdpSocket(await connectTo({ ...peer, family }), { ...peer, family });
    } catch (error) {
      const code = codeOf(error);
      if (code === undefined) throw error; // the system has codes for all that it says
      const words = CONNECT_WORDS[code];
      const text = `cannot send to ${formatAddress(peer)} over UDP: ${words ?? wordsOf(error)}`;
      throw new UdpcpError(words === undefined ? 'ERR_BIND' : 'ERR_UNREACHABLE', text, { cause: error });
    }
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
      return new UdpSocket(socket);
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
    this.#listener = listener;
    // Most datagrams come from where the one before came from: the same key again costs no text to build or compare.
    let last = { address: '', port: 0, key: '', mayTalk: false };
    this.#socket.on('message', (datagram, { address, port }) => {
      if (port !== last.port || address !== last.address) {
        last = { address, port, key: addressKey(address, port), mayTalk: listener.mayTalk?.(address) ?? true };
      }
      if (last.mayTalk) listener.onDatagram(datagram, last.key);
    });
    this.#socket.on('error', (error) => {
      if (codeOf(error) === 'ECONNREFUSED') listener.onUnreachable();
      if (codeOf(error) === 'EMSGSIZE') this.handleTooBig();
    });
  }

  /**
   * The way to the peer may lead over another interface than when the socket was connected: goes on from the address that
   * this system would send from now. Resolves with whether that is another one; false too where no way leads there.
   */
  async reroute(): Promise<boolean> {
    if (this.#peer === undefined) return false;
    const socket = await connectTo(this.#peer).catch(() => undefined);
    if (socket === undefined) return false;
    const old = this.#socket;
    if (this.#isClosed || socket.address().address === old.address().address) {
      socket.close();
      return false;
    }
    this.#socket = socket;
    if (this.#listener !== undefined) this.listen(this.#listener);
    this.#fragments?.restart();
    old.close();
    return true;
  }

  /**
   * Sends a datagram to an address key; its bytes must stay as they are until `done` is told. Without it nobody hears of an
   * error, and the next `done` says that this one was taken too.
   */
  send(datagram: Uint8Array, to: string, done?: (error: Error | null) => void): void {
    if (this.#peer !== undefined) {
      const { length } = datagram;
      const before = this.#fragments?.begin(length);
      this.#socket.send(datagram, done);
      if (before !== undefined && this.#fragments?.wasCut(length, before)) this.#listener?.onTooBig?.();
      return;
    }
    if (to !== this.#last.to) this.#last = { to, ...parseAddressKey(to) };
    this.#socket.send(datagram, this.#last.port, this.#last.address, done);
  }

  /** A datagram was refused as too large (EMSGSIZE), which a router may have said of one sent before: smaller ones are watched anew. */
  handleTooBig(): void {
    this.#fragments?.restart();
    this.#listener?.onTooBig?.();
  }

  close(): Promise<void> {
    this.#isClosed = true;
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

/** Rejects with what the system says. */
async function connectTo({ address, port, family }: Peer): Promise<Socket> {
  const socket = open(family === 6 ? 'udp6' : 'udp4');
  try {
    await settle(socket, 'connect', () => socket.connect(port, address));
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
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
