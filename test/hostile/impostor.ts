import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { HmacCookies } from '../../src/crypto/hmac-cookies.ts';
import { NoiseAcceptor } from '../../src/crypto/noise-acceptor.ts';
import { SystemRandom } from '../../src/crypto/random.ts';
import { clock } from '../../src/net/driver.ts';
import { type SessionConfig, sessionConfig } from '../../src/session/config.ts';
import { TRANSMIT_BUFFER } from '../../src/session/endpoint.ts';
import type { AcceptorAgreement } from '../../src/session/key-agreement.ts';
import { Listener } from '../../src/session/listener.ts';
import type { Ack } from '../../src/wire/ack-frame.ts';
import { readId } from '../../src/wire/connection-id.ts';
import type { Frame } from '../../src/wire/frames.ts';
import { isProtectedPacket } from '../../src/wire/protected-header.ts';
import type { SentMessage } from '../transfer/codec.ts';
import { SealedLine } from './sealed-line.ts';

/** Where a HELLO has its initiator's id. */
const INITIATOR_ID = 6;

/** A receiver of bad faith: the handshake is ours, every packet after it is written by the test. */
export class Impostor {
  readonly port: number;
  line: SealedLine | undefined;
  readonly #socket: Socket;
  readonly #listener: Listener;
  readonly #out = new Uint8Array(TRANSMIT_BUFFER);
  #sender = 0;
  #onHeard: () => void = () => {};

  private constructor(socket: Socket, config: Partial<SessionConfig>) {
    this.#socket = socket;
    this.port = socket.address().port;
    const agreement = this.#watched(new NoiseAcceptor());
    this.#listener = new Listener(sessionConfig(config), new SystemRandom(), new HmacCookies(), agreement);
    socket.on('message', (datagram, { port }) => this.#hear(datagram, port));
  }

  static async open(config: Partial<SessionConfig> = {}): Promise<Impostor> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new Impostor(socket, config);
  }

  sayFrames(...frames: readonly Frame[]): void {
    if (this.line !== undefined) this.#send(this.line.packet(...frames));
  }

  /** A packet whose frame area is these bytes, frames or not. */
  sayRaw(bytes: Uint8Array): void {
    if (this.line !== undefined) this.#send(this.line.raw(bytes));
  }

  /** The next bytes of our stream, messages or not. */
  sayBytes(bytes: Uint8Array, fin = false): void {
    if (this.line !== undefined) this.sayFrames(this.line.data(bytes, undefined, fin));
  }

  tell(...messages: readonly SentMessage[]): void {
    for (const datagram of this.line?.tell(...messages) ?? []) this.#send(datagram);
  }

  /** Waits for the first message of a kind; acknowledges what comes meanwhile. */
  async isTold(kind: SentMessage['kind']): Promise<void> {
    while (!this.line?.messages.some((message) => message.kind === kind)) {
      await new Promise<void>((resolve) => {
        this.#onHeard = resolve;
      });
      if (this.line !== undefined) this.sayFrames(this.line.ack());
    }
  }

  /** Acknowledges all packets up to the newest, whether they came or not, with every one that comes; until the sender has ended it. */
  async acknowledgesBlindly(): Promise<void> {
    while (this.line !== undefined && !this.line.isClosed) {
      const numbers = this.line.heard.map(({ number }) => number);
      const largest = Math.max(...numbers);
      const ranges = [{ start: Math.min(...numbers), end: largest + 1 }];
      this.sayFrames({ ...(this.line.ack() as Ack), largest, ranges });
      await new Promise<void>((resolve) => {
        this.#onHeard = resolve;
      });
    }
  }

  close(): void {
    this.#socket.close();
  }

  #hear(datagram: Uint8Array, port: number): void {
    this.#sender = port;
    if (isProtectedPacket(datagram)) {
      if (this.line?.hear(datagram) !== undefined) this.#onHeard();
      return;
    }
    this.#listener.handleDatagram(clock(), datagram, `127.0.0.1:${port}`);
    for (let next = this.#listener.pollTransmit(clock(), this.#out); next !== undefined; ) {
      this.#send(this.#out.slice(0, next.length));
      next = this.#listener.pollTransmit(clock(), this.#out);
    }
  }

  #send(datagram: Uint8Array): void {
    this.#socket.send(datagram, this.#sender, '127.0.0.1');
  }

  /** The same agreement, which also gives us the keys. */
  #watched(agreement: AcceptorAgreement): AcceptorAgreement {
    return {
      protection: agreement.protection,
      answer: (hello, keyAgreement, accept) => {
        const verdict = agreement.answer(hello, keyAgreement, accept);
        if (verdict.kind === 'agreed') this.line = new SealedLine(verdict, readId(hello, INITIATOR_ID));
        return verdict;
      },
    };
  }
}
