import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import type { Bytes } from '../base/units.ts';
import { printable } from '../printable.ts';
import { TRANSFER_CODE } from '../transfer/codes.ts';
import type { Offer } from '../transfer/messages.ts';
import type { Sink, Store } from '../transfer/ports.ts';
import { type Answer, accept, notStored, type Outcome, refuse, stored } from './answers.ts';
import type { Failure } from './failure.ts';
import { tooLarge } from './file-sink.ts';
import { RefusedSink } from './refused-sink.ts';
import { StreamWriter } from './stream-writer.ts';

/** Of a stream that files are written to: it waits for one, gets one, has one whole, or has what cannot be taken back. */
export type StreamStoreState = 'waiting' | 'busy' | 'done' | 'spoiled';

/**
 * Takes the content of one file, whatever its name, to a stream: what was written is out, verified only after the last
 * byte, and not durable. While nothing was written a failed attempt costs nothing: the next one is taken.
 */
export class StreamStore implements Store {
  readonly created = false;
  readonly #writer: StreamWriter;
  readonly #maxSize: Bytes;
  #sink: StreamSink | undefined;

  /** The stream is the caller's to end. */
  constructor(stream: Writable, { maxSize }: { readonly maxSize?: Bytes | undefined } = {}) {
    this.#writer = new StreamWriter(stream);
    this.#maxSize = maxSize ?? Number.MAX_SAFE_INTEGER;
  }

  /** Bytes that the stream took. */
  get written(): Bytes {
    return this.#writer.written;
  }

  /** Its reader went away, or it failed. */
  get isBroken(): boolean {
    return this.#writer.state === 'broken';
  }

  get state(): StreamStoreState {
    const outcome = this.#sink?.receipt();
    if (outcome?.code === TRANSFER_CODE.ok) return 'done';
    if (this.#sink?.isLive) return this.isBroken ? 'spoiled' : 'busy';
    return this.isBroken || (this.#sink?.size ?? 0) > 0 ? 'spoiled' : 'waiting';
  }

  open(offer: Offer, wake: () => void): Sink {
    const refused = (code: number, text: string): Sink => new RefusedSink(refuse(code, text));
    if (offer.entryKind !== 'file') return refused(TRANSFER_CODE.unsupported, 'only a file can be written to a stream');
    switch (this.state) {
      case 'busy':
      case 'done':
        return refused(TRANSFER_CODE.unsupported, 'only one file is written to a stream');
      case 'spoiled':
        return refused(TRANSFER_CODE.store, 'the output is closed, or has a part of another file');
      case 'waiting': {
        const name = offer.path.map((component) => printable(component)).join('/');
        if ((offer.size ?? 0) > this.#maxSize) {
          const { code, text } = tooLarge(name, this.#maxSize);
          return refused(code, text);
        }
        this.#sink = new StreamSink(this.#writer, name, this.#maxSize, wake);
        return this.#sink;
      }
    }
  }

  /** Aborts what is not finished. */
  async close(): Promise<void> {
    this.#sink?.abort();
  }
}

/** The one file that is written to a stream. */
class StreamSink implements Sink {
  readonly #writer: StreamWriter;
  readonly #name: string;
  readonly #maxSize: Bytes;
  readonly #hash = createHash('sha256');
  #size: Bytes = 0;
  #tooLarge = false;
  #aborted = false;
  #promised: { readonly size: Bytes; readonly digest: Uint8Array } | undefined;
  #outcome: Outcome | undefined;
  /** What the writer had taken before this file. */
  readonly #before: Bytes;
  /** Thrown away because the file is too large. */
  #dropped: Bytes = 0;

  constructor(writer: StreamWriter, name: string, maxSize: Bytes, wake: () => void) {
    this.#writer = writer;
    this.#name = name;
    this.#maxSize = maxSize;
    this.#before = writer.taken();
    writer.onNews(wake);
  }

  /** Bytes that were given to the stream. */
  get size(): Bytes {
    return this.#size;
  }

  /** Its outcome is open. */
  get isLive(): boolean {
    return !this.#aborted && this.receipt() === undefined;
  }

  verdict(): Answer {
    return accept(0);
  }

  write(bytes: Uint8Array): void {
    if (this.#aborted || this.#tooLarge || this.#size + bytes.length > this.#maxSize) {
      this.#tooLarge ||= !this.#aborted;
      this.#dropped += bytes.length;
      return;
    }
    this.#size += bytes.length;
    this.#hash.update(bytes);
    this.#writer.write(bytes);
  }

  compare(): void {}

  differing(): undefined {
    return undefined;
  }

  taken(): Bytes {
    return this.#writer.taken() - this.#before + this.#dropped;
  }

  end(size: Bytes, digest: Uint8Array): void {
    this.#promised = { size, digest };
  }

  receipt(): Outcome | undefined {
    if (!this.#aborted) this.#outcome ??= this.#failure() ?? this.#verify();
    return this.#outcome;
  }

  abort(): void {
    this.#aborted = true;
  }

  #failure(): Outcome | undefined {
    if (this.#tooLarge) return this.#fail(tooLarge(this.#name, this.#maxSize));
    if (this.#writer.state !== 'broken') return undefined;
    return this.#fail({ code: TRANSFER_CODE.store, text: this.#writer.failure ?? '' });
  }

  #verify(): Outcome | undefined {
    if (this.#promised === undefined || this.taken() < this.#size) return undefined;
    const digest = new Uint8Array(this.#hash.digest());
    if (this.#size === this.#promised.size && Buffer.compare(digest, this.#promised.digest) === 0)
      return stored(this.#size, digest, '');
    const text = `${this.#name}: what arrived is not what was sent`;
    return notStored({ code: TRANSFER_CODE.digest, text }, this.#size, digest);
  }

  #fail(failure: Failure): Outcome {
    return notStored(failure, this.#size);
  }
}
