import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { sessionConfig } from '../../src/session/config.ts';
import { offeredTerms } from '../../src/session/session-terms.ts';
import type { Accept } from '../../src/wire/accept.ts';
import type { ConnectionId } from '../../src/wire/connection-id.ts';
import { decodeFrames, type Frame } from '../../src/wire/frames.ts';
import type { Hello } from '../../src/wire/hello.ts';
import { decodePacket } from '../../src/wire/packet.ts';
import { encodeMessage, type SentMessage } from '../transfer/codec.ts';
import { codecPacket } from '../wire/codec.ts';

const FRAMES_AT = 15;
const CHECKSUM = 4;
/** Milliseconds after which what may have been shed is asked again. */
const AGAIN = 100;

/** The high half of the ids of HELLOs that only wait for their answer. */
const LOOK = 0xf1a6;

/** One datagram that came back. */
export type Reply = ReturnType<typeof decodePacket> & { readonly size: number; readonly frames: readonly Frame[] };

let strangers = 0;

/** Somebody with an address of their own who says whatever they like to a receiver, over a real socket. */
export class Stranger {
  /** Everything that came back since the last look. */
  readonly #replies: Reply[] = [];
  readonly #socket: Socket;
  #onReply: () => void = () => {};
  #ids = 0;
  #packetNumber = 1000;
  #offset = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (datagram) => {
      const size = datagram.length;
      const frames = decodeFrames(datagram, FRAMES_AT, Math.max(FRAMES_AT, size - CHECKSUM));
      this.#replies.push({ ...decodePacket(datagram), size, frames: Array.isArray(frames) ? frames : [] });
      this.#onReply();
    });
  }

  static async meet(port: number): Promise<Stranger> {
    const socket = createSocket('udp4');
    strangers++;
    socket.bind(0, `127.9.${strangers >> 7}.${1 + (strangers & 127)}`);
    await once(socket, 'listening');
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Stranger(socket);
  }

  /** How many datagrams came back that nobody has looked at. */
  get heard(): number {
    return this.#replies.length;
  }

  say(datagram: Uint8Array, times = 1): void {
    for (let i = 0; i < times; i++) this.#socket.send(datagram);
  }

  /** A HELLO, new unless an id is given. */
  hello(fields: Partial<Hello> = {}): Uint8Array {
    const initiatorId = { hi: 0xbad, lo: ++this.#ids };
    return codecPacket('hello', {
      ...offeredTerms(sessionConfig(), 'plain'),
      initiatorId,
      cookie: undefined,
      ...fields,
    });
  }

  async cookie(initiatorId: ConnectionId): Promise<Uint8Array> {
    const reply = await this.#ask(this.hello({ initiatorId }), (one) => isCookieOf(one, initiatorId));
    return reply.kind === 'cookie' ? reply.cookie : new Uint8Array(0);
  }

  /** Opens a session as everyone does. */
  async open(): Promise<Accept> {
    const initiatorId = { hi: 0xbad, lo: ++this.#ids };
    const hello = this.hello({ initiatorId, cookie: await this.cookie(initiatorId) });
    const reply = await this.#ask(
      hello,
      (one) => (one.kind === 'accept' || one.kind === 'refuse') && isOf(one, initiatorId),
    );
    if (reply.kind !== 'accept') throw new Error(`answered with ${reply.kind}`);
    return reply;
  }

  /** A packet of a session, its number the next one unless given. */
  packet(
    { acceptorId: connectionId }: Accept,
    frames: readonly Frame[],
    packetNumber = ++this.#packetNumber,
  ): Uint8Array {
    return codecPacket('protected', { keyPhase: 0, connectionId, packetNumber, frames });
  }

  /** The next bytes of the stream. */
  data(bytes: Uint8Array, offset = this.#offset, fin = false): Frame {
    this.#offset = offset + bytes.length;
    return { kind: 'data', fin, offset, bytes };
  }

  /** Says transfer messages in a session, in order. */
  tell(session: Accept, ...messages: SentMessage[]): void {
    for (const message of messages) this.say(this.packet(session, [this.data(encodeMessage(message))]));
  }

  /** Waits for the first reply of a kind. */
  async hears(matches: (reply: Reply) => boolean): Promise<Reply> {
    for (;;) {
      const reply = this.#replies.find(matches);
      if (reply !== undefined) return reply;
      await new Promise<void>((resolve) => {
        this.#onReply = resolve;
      });
    }
  }

  /** Waits until all that was said was looked at; answers what came back since the last look. */
  async look(): Promise<Reply[]> {
    const initiatorId = { hi: LOOK, lo: ++this.#ids };
    await this.#ask(this.hello({ initiatorId }), (reply) => isCookieOf(reply, initiatorId));
    return this.#replies.splice(0).filter((reply) => !(reply.kind === 'cookie' && reply.initiatorId.hi === LOOK));
  }

  close(): void {
    this.#socket.close();
  }

  async #ask(question: Uint8Array, isAnswer: (reply: Reply) => boolean): Promise<Reply> {
    const again = setInterval(() => this.say(question), AGAIN);
    this.say(question);
    try {
      return await this.hears(isAnswer);
    } finally {
      clearInterval(again);
    }
  }
}

function isCookieOf(reply: Reply, id: ConnectionId): boolean {
  return reply.kind === 'cookie' && isOf(reply, id);
}

function isOf(reply: Reply, { hi, lo }: ConnectionId): boolean {
  return 'initiatorId' in reply && reply.initiatorId.hi === hi && reply.initiatorId.lo === lo;
}
