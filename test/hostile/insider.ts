import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { NoiseInitiator } from '../../src/crypto/noise-initiator.ts';
import { SystemRandom } from '../../src/crypto/random.ts';
import { parseSharedKey } from '../../src/crypto/shared-key.ts';
import { clock } from '../../src/net/driver.ts';
import { type SessionConfig, sessionConfig } from '../../src/session/config.ts';
import { TRANSMIT_BUFFER } from '../../src/session/endpoint.ts';
import { Initiator } from '../../src/session/initiator.ts';
import type { Frame } from '../../src/wire/frames.ts';
import { isProtectedPacket } from '../../src/wire/protected-header.ts';
import type { SentMessage } from '../transfer/codec.ts';
import { type Heard, SealedLine } from './sealed-line.ts';
import { Stranger } from './stranger.ts';

let insiders = 0;

/** Somebody with the right key and bad intentions: the handshake is ours, every packet after it is their own. */
export class Insider {
  readonly line: SealedLine;
  readonly #socket: Socket;
  /** A stranger's question is answered in order: when it is, all that was said before was looked at. */
  readonly #stranger: Stranger;
  #onHeard: () => void = () => {};

  private constructor(socket: Socket, stranger: Stranger, line: SealedLine) {
    this.#socket = socket;
    this.#stranger = stranger;
    this.line = line;
    socket.removeAllListeners('message').on('message', (datagram) => {
      if (isProtectedPacket(datagram) && line.hear(datagram) !== undefined) this.#onHeard();
    });
  }

  /** Shakes hands with a receiver that has this key; undefined: that has none. */
  static async meet(port: number, key?: string, config: Partial<SessionConfig> = {}): Promise<Insider> {
    const socket = await openSocket(port);
    const agreement = new NoiseInitiator(key === undefined ? {} : { key: parseSharedKey(key) });
    const initiator = new Initiator(
      clock(),
      sessionConfig({ connectTimeout: 60_000, ...config }),
      new SystemRandom(),
      `127.0.0.1:${port}`,
      agreement,
    );
    const out = new Uint8Array(TRANSMIT_BUFFER);
    const turn = (): void => {
      for (let next = initiator.pollTransmit(clock(), out); next !== undefined; ) {
        socket.send(out.slice(0, next.length));
        next = initiator.session === undefined ? initiator.pollTransmit(clock(), out) : undefined;
      }
    };
    const timer = setInterval(turn, 20);
    await new Promise<void>((resolve) => {
      socket.on('message', (datagram) => {
        initiator.handleDatagram(clock(), datagram, `127.0.0.1:${port}`);
        if (initiator.session === undefined) turn();
        else resolve();
      });
      turn();
    });
    clearInterval(timer);
    const { session } = initiator;
    if (session === undefined) throw new Error('no session');
    return new Insider(socket, await Stranger.meet(port), new SealedLine(session.keys, session.terms.remoteId));
  }

  /** Datagrams as they are. */
  say(...datagrams: readonly Uint8Array[]): void {
    for (const datagram of datagrams) this.#socket.send(datagram);
  }

  sayFrames(...frames: readonly Frame[]): void {
    this.say(this.line.packet(...frames));
  }

  /** Messages of the transfer, in order. */
  tell(...messages: readonly SentMessage[]): void {
    this.say(...this.line.tell(...messages));
  }

  /** Waits for a packet that matches, among all that came. */
  async hears(matches: (heard: Heard) => boolean): Promise<Heard> {
    for (;;) {
      const found = this.line.heard.find(matches);
      if (found !== undefined) return found;
      await this.#more();
    }
  }

  /** Waits for a message of the transfer that matches; acknowledges what comes, or it would come again and again. */
  async isTold<Kind extends SentMessage['kind']>(kind: Kind): Promise<Extract<SentMessage, { kind: Kind }>> {
    for (;;) {
      const found = this.line.messages.find((message) => message.kind === kind);
      if (found !== undefined) return found as Extract<SentMessage, { kind: Kind }>;
      if (this.line.isClosed) throw new Error(`closed before any ${kind}`);
      await this.#more();
      this.sayFrames(this.line.ack());
    }
  }

  /** Waits for the session's end; answers the codes of the CLOSEs. */
  async isClosed(): Promise<number> {
    const { frames } = await this.hears((heard) => heard.frames.some(({ kind }) => kind === 'close'));
    return frames.flatMap((frame) => (frame.kind === 'close' ? [frame.code] : []))[0] ?? -1;
  }

  /** Waits until the receiver has looked at all that was said. */
  async settle(): Promise<void> {
    await this.#stranger.look();
  }

  close(): void {
    this.#socket.close();
    this.#stranger.close();
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#onHeard = resolve;
    });
  }
}

async function openSocket(port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  insiders++;
  socket.bind(0, `127.8.${insiders >> 7}.${1 + (insiders & 127)}`);
  await once(socket, 'listening');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}
