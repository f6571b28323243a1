import type { ByteStream } from '../../src/session/byte-stream.ts';
import type { IncomingMessage } from '../../src/transfer/messages.ts';
import { encodeMessage, gatherContent, readAll, type SentMessage } from './codec.ts';

/** A stream whose other end is a test: it says what it likes, and reads what the machine wrote. */
export class ScriptedStream implements ByteStream {
  readonly #incoming: Uint8Array[] = [];
  readonly #written: Uint8Array[] = [];
  #ended = false;
  room = Number.POSITIVE_INFINITY;
  unsent = 0;
  finished = false;
  bytesRead = 0;
  bytesConsumed = 0;

  /** The peer says this, in one slice. */
  say(...messages: SentMessage[]): void {
    for (const message of messages) this.sayBytes(encodeMessage(message));
  }

  sayBytes(bytes: Uint8Array): void {
    this.#incoming.push(bytes);
  }

  /** The peer's stream ends after what it said. */
  sayEnd(): void {
    this.#ended = true;
  }

  /** Everything the machine wrote since the last call. */
  heard(): IncomingMessage[] {
    const { messages } = readAll(this.#written);
    this.#written.length = 0;
    return gatherContent(messages);
  }

  writable(): number {
    return this.room;
  }

  write(bytes: Uint8Array): void {
    if (this.finished) throw new Error('written after finish');
    this.#written.push(bytes);
    this.room -= bytes.length;
  }

  finish(): void {
    if (this.finished) throw new Error('finished twice');
    this.finished = true;
  }

  read(): Uint8Array | undefined {
    const bytes = this.#incoming.shift();
    this.bytesRead += bytes?.length ?? 0;
    return bytes;
  }

  get readFinished(): boolean {
    return this.#ended && this.#incoming.length === 0;
  }

  consumed(count: number): void {
    this.bytesConsumed += count;
    if (count < 0 || this.bytesConsumed > this.bytesRead)
      throw new Error(`consumed ${this.bytesConsumed} of ${this.bytesRead}`);
  }
}
