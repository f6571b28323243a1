import type { Readable } from 'node:stream';
import type { Bytes } from '../base/units.ts';
import type { InputPiece, PipeInput } from '../transfer/pipe.ts';
import { Bell } from './bell.ts';
import { errorWords, systemError } from './failure.ts';

/** Bytes read ahead of what was asked for; what comes in one piece may exceed it. */
const AHEAD: Bytes = 1024 * 1024;

/** Reads a stream of Node's a little ahead of its user, and not a byte further. */
export class StreamReader implements PipeInput {
  readonly #stream: Readable;
  readonly #wake: () => void;
  readonly #room = new Bell();
  #ready: Uint8Array[] = [];
  #size: Bytes = 0;
  #last: InputPiece | undefined;
  #hungry = false; // the last poll got nothing
  #closed = false;

  /** `wake` is called when there is something new after a `poll` that gave nothing. */
  constructor(stream: Readable, wake: () => void) {
    this.#stream = stream;
    this.#wake = wake;
    void this.#live();
  }

  poll(): InputPiece | undefined {
    const piece = this.#take();
    this.#hungry = piece === undefined;
    this.#room.ring();
    return piece;
  }

  /** Destroys the stream. */
  close(): void {
    this.#closed = true;
    this.#ready = [];
    this.#size = 0;
    this.#room.ring();
    this.#stream.destroy();
  }

  #take(): InputPiece | undefined {
    if (this.#closed) return undefined;
    const [first, ...others] = this.#ready;
    if (first === undefined) {
      const last = this.#last;
      this.#last = undefined;
      return last;
    }
    // All at once: a writer of many small pieces would otherwise cost more than it sends.
    const bytes = others.length === 0 ? first : join(this.#ready, this.#size);
    this.#ready = [];
    this.#size = 0;
    return { kind: 'bytes', bytes };
  }

  /** From the first byte to the last; never rejects. */
  async #live(): Promise<void> {
    try {
      for await (const chunk of this.#stream) {
        this.#give(bytesOf(chunk));
        while (this.#size >= AHEAD) await this.#room.wait();
        if (this.#closed) return;
      }
      this.#finish({ kind: 'end' });
    } catch (error) {
      this.#finish({ kind: 'failed', text: errorWords(error) });
    }
  }

  #give(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#ready.push(bytes);
    this.#size += bytes.length;
    this.#tell();
  }

  #finish(last: InputPiece): void {
    this.#last = last;
    this.#tell();
  }

  #tell(): void {
    if (this.#hungry && !this.#closed) queueMicrotask(this.#wake);
    this.#hungry = false;
  }
}

/** A stream may give text; one of other objects has no bytes. */
function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === 'string') return Buffer.from(chunk);
  throw systemError('EINVAL');
}

function join(pieces: readonly Uint8Array[], size: Bytes): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
