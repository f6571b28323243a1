import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** A datagram as it came by. */
interface Heard {
  readonly to: 'receiver' | 'sender';
  readonly bytes: Buffer;
}

/** Somebody in between who passes everything on, and keeps a copy. */
export interface Relay {
  /** Where to send to. */
  readonly port: number;
  readonly datagrams: readonly Heard[];
  /** Set: what this says no to gets lost, and is counted. */
  passes: (datagram: Heard) => boolean;
  readonly lost: number;
  /** Sends a datagram to the receiver, from where all that was passed on came from or from a socket of its own. */
  inject(bytes: Uint8Array, from: 'same' | 'other'): Promise<void>;
  close(): Promise<void>;
}

/** Stands before the receiver on this port of 127.0.0.1. */
export async function eavesdrop(port: number): Promise<Relay> {
  const [near, far, other] = [createSocket('udp4'), createSocket('udp4'), createSocket('udp4')];
  for (const socket of [near, far, other]) await bind(socket);
  const datagrams: Heard[] = [];
  let sender = 0;
  let lost = 0;
  const pass = (datagram: Heard, send: () => void): void => {
    datagrams.push(datagram);
    if (relay.passes(datagram)) send();
    else lost++;
  };
  near.on('message', (bytes, from) => {
    sender = from.port;
    pass({ to: 'receiver', bytes }, () => far.send(bytes, port, '127.0.0.1'));
  });
  far.on('message', (bytes) => {
    pass({ to: 'sender', bytes }, () => sender !== 0 && near.send(bytes, sender, '127.0.0.1'));
  });
  const relay: Relay = {
    port: near.address().port,
    datagrams,
    passes: () => true,
    get lost() {
      return lost;
    },
    inject: (bytes, from) =>
      new Promise((resolve, reject) => {
        const socket = from === 'same' ? far : other;
        socket.send(bytes, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)));
      }),
    async close() {
      for (const socket of [near, far, other]) await new Promise<void>((resolve) => socket.close(resolve));
    },
  };
  return relay;
}

async function bind(socket: Socket): Promise<void> {
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
}
