import type { SessionKeys } from '../../src/session/key-agreement.ts';
import type { ConnectionId } from '../../src/wire/connection-id.ts';
import { decodeFrames, type Frame } from '../../src/wire/frames.ts';
import { PROTECTED, readPacketNumber, writeProtectedHeader } from '../../src/wire/protected-header.ts';
import { encodeMessage, readAll, type SentMessage } from '../transfer/codec.ts';
import { writeFrame } from '../wire/codec.ts';

/** Above every number that a genuine session begins with. */
const FIRST_NUMBER = 2 ** 21;
const SPACE = 70_000;

/** A packet that came, opened. */
export interface Heard {
  readonly number: number;
  readonly size: number;
  readonly frames: readonly Frame[];
}

/** One end of an encrypted session in the hands of somebody who writes its packets one by one. */
export class SealedLine {
  readonly heard: Heard[] = [];
  /** Of the next packet; may be set, but never below one that was used. */
  packetNumber = FIRST_NUMBER;
  readonly #keys: SessionKeys;
  readonly #to: ConnectionId;
  #offset = 0;
  /** The peer's stream, as far as it came in order. */
  #stream: Uint8Array[] = [];
  #streamEnd = 0;

  constructor(keys: SessionKeys, to: ConnectionId) {
    this.#keys = keys;
    this.#to = to;
  }

  /** A packet with these frames. */
  packet(...frames: readonly Frame[]): Uint8Array {
    return this.#seal((out, start) => frames.reduce((at, frame) => writeFrame(out, at, frame), start));
  }

  /** A packet whose frame area is these bytes, frames or not. */
  raw(bytes: Uint8Array): Uint8Array {
    return this.#seal((out, start) => {
      out.set(bytes, start);
      return start + bytes.length;
    });
  }

  /** The next bytes of our stream, or bytes at another place of it. */
  data(bytes: Uint8Array, offset = this.#offset, fin = false): Frame {
    this.#offset = Math.max(this.#offset, offset + bytes.length);
    return { kind: 'data', fin, offset, bytes };
  }

  /** A packet for each of these messages of the transfer. */
  tell(...messages: readonly SentMessage[]): Uint8Array[] {
    return messages.map((message) => this.packet(this.data(encodeMessage(message))));
  }

  /** Opens what came; whatever does not open is somebody else's. */
  hear(datagram: Uint8Array): Heard | undefined {
    const number = readPacketNumber(datagram);
    const size = datagram.length;
    const end = this.#keys.protection.open(datagram, number);
    if (end === undefined) return undefined;
    const frames = decodeFrames(datagram, PROTECTED.frames, end);
    if (!Array.isArray(frames)) return undefined;
    const heard = { number, size, frames: frames.map(copied) };
    this.heard.push(heard);
    for (const frame of heard.frames) if (frame.kind === 'data') this.#take(frame.offset, frame.bytes);
    return heard;
  }

  /** The messages that the peer has sent whole. */
  get messages() {
    return readAll(this.#stream).messages;
  }

  /** The peer has ended the session. */
  get isClosed(): boolean {
    return this.heard.some(({ frames }) => frames.some(({ kind }) => kind === 'close'));
  }

  /** An ACK of everything that came. */
  ack(): Frame {
    const numbers = this.heard.map(({ number }) => number).sort((a, b) => b - a);
    const largest = numbers[0] ?? 0;
    let start = largest;
    while (numbers.includes(start - 1)) start--;
    return { kind: 'ack', largest, ackDelay: 0, cumulative: this.#streamEnd, ranges: [{ start, end: largest + 1 }] };
  }

  #take(offset: number, bytes: Uint8Array): void {
    if (offset > this.#streamEnd || offset + bytes.length <= this.#streamEnd) return;
    this.#stream.push(bytes.subarray(this.#streamEnd - offset));
    this.#streamEnd = offset + bytes.length;
  }

  #seal(write: (out: Uint8Array, start: number) => number): Uint8Array {
    const out = new Uint8Array(SPACE);
    const number = this.packetNumber++;
    const end = write(out, writeProtectedHeader(out, 0, this.#to, number));
    return out.slice(0, this.#keys.protection.seal(out, number, end));
  }
}

/** DATA is a view of a datagram that is used again. */
function copied(frame: Frame): Frame {
  return frame.kind === 'data' ? { ...frame, bytes: frame.bytes.slice() } : frame;
}
