import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import type { Bytes } from '../base/units.ts';
import { printable } from '../printable.ts';
import { TRANSFER_CODE } from '../transfer/codes.ts';
import type { Offer } from '../transfer/messages.ts';
import type { Owner, Sink, Store } from '../transfer/ports.ts';
import { type Answer, accept, notStored, type Outcome, refuse, stored } from './answers.ts';
import type { Failure } from './failure.ts';
import { tooLarge } from './file-sink.ts';
import { RefusedSink } from './refused-sink.ts';
import { StreamWriter } from './stream-writer.ts';

const ONLY_ONE = 'only one file is written to a stream';

/** Of a stream that files are written to: it waits for one, gets one, has one whole, or has what cannot be taken back. */
export type StreamStoreState = 'waiting' | 'busy' | 'done' | 'spoiled';

/**
 * Takes the content of one file, whatever its name, to a stream: what was written is out, verified only after the last
 * byte, and not durable. Every sender may offer one; the stream is for whoever has content first, so that an offer of
 * which nothing follows keeps nobody out. While nothing was written a failed attempt costs nothing.
 */
export class StreamStore implements Store {
  readonly created = false;
  readonly #writer: StreamWriter;
  readonly #maxSize: Bytes;
  /** Accepted, the newest of each sender. */
  readonly #sinks = new Map<Owner, StreamSink>();
  /** The one with content. */
  #taker: StreamSink | undefined;

  /** The stream is the caller's to end. */
  constructor(stream: Writable, { maxSize }: { readonly maxSize?: Bytes | undefined } = {}) {
    this.#writer = new StreamWriter(stream);
    this.#maxSize = maxSize ?? Number.MAX_SAFE_INTEGER;
    this.#writer.onNews(() => {
      for (const { wake } of this.#sinks.values()) wake();
    });
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
    const outcome = this.#taker?.receipt();
    if (outcome?.code === TRANSFER_CODE.ok) return 'done';
    if (this.#taker?.isLive) return this.isBroken ? 'spoiled' : 'busy';
    return this.isBroken || (this.#taker?.size ?? 0) > 0 ? 'spoiled' : 'waiting';
  }

  open(offer: Offer, wake: () => void, owner: Owner): Sink {
    const refused = (code: number, text: string): Sink => new RefusedSink(refuse(code, text));
    if (offer.entryKind !== 'file') return refused(TRANSFER_CODE.unsupported, 'only a file can be written to a stream');
    switch (this.state) {
      case 'busy':
      case 'done':
        return refused(TRANSFER_CODE.unsupported, ONLY_ONE);
      case 'spoiled':
        return refused(TRANSFER_CODE.store, 'the output is closed, or has a part of another file');
      case 'waiting': {
        const name = offer.path.map((component) => printable(component)).join('/');
        if ((offer.size ?? 0) > this.#maxSize) {
          const { code, text } = tooLarge(name, this.#maxSize);
          return refused(code, text);
        }
        for (const [other, sink] of this.#sinks) if (!sink.isLive) this.#sinks.delete(other);
        if (this.#sinks.has(owner)) return refused(TRANSFER_CODE.unsupported, ONLY_ONE);
        const sink: StreamSink = new StreamSink(this.#writer, name, this.#maxSize, wake, () => this.#claim(sink));
        this.#sinks.set(owner, sink);
        return sink;
      }
    }
  }

  /** Whether the stream is for this one, which has content. */
  #claim(sink: StreamSink): boolean {
    if (this.state === 'waiting') this.#taker = sink;
    return this.#taker === sink;
  }

  /** Aborts what is not finished. */
  async close(): Promise<void> {
    for (const sink of this.#sinks.values()) sink.abort();
  }
}

/** A file that may be written to a stream. */
class StreamSink implements Sink {
  readonly #writer: StreamWriter;
  readonly #name: string;
  readonly #maxSize: Bytes;
  readonly wake: () => void;
  readonly #claim: () => boolean;
  readonly #hash = createHash('sha256');
  /** Undefined: it had no content yet. False: another one had before. */
  #isOurs: boolean | undefined;
  #size: Bytes = 0;
  #tooLarge = false;
  #aborted = false;
  #promised: { readonly size: Bytes; readonly digest: Uint8Array } | undefined;
  #outcome: Outcome | undefined;
  /** What the writer had taken before this file. */
  #before: Bytes = 0;
  /** Thrown away because the file is too large, or not the first. */
  #dropped: Bytes = 0;

  /** `claim` tells whether the stream is for it, now that it has content. */
  constructor(writer: StreamWriter, name: string, maxSize: Bytes, wake: () => void, claim: () => boolean) {
    this.#writer = writer;
    this.#name = name;
    this.#maxSize = maxSize;
    this.wake = wake;
    this.#claim = claim;
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
    const isTaken = !this.#aborted && this.#take();
    if (!isTaken || this.#tooLarge || this.#size + bytes.length > this.#maxSize) {
      this.#tooLarge ||= isTaken;
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
    return (this.#isOurs ? this.#writer.taken() - this.#before : 0) + this.#dropped;
  }

  end(size: Bytes, digest: Uint8Array): void {
    this.#promised = { size, digest };
    if (!this.#aborted) this.#take();
  }

  receipt(): Outcome | undefined {
    if (!this.#aborted) this.#outcome ??= this.#failure() ?? this.#verify();
    return this.#outcome;
  }

  abort(): void {
    this.#aborted = true;
  }

  /** It has content: whether that goes to the stream. */
  #take(): boolean {
    if (this.#isOurs === undefined && this.#claim()) {
      this.#before = this.#writer.taken();
      this.#isOurs = true;
    }
    this.#isOurs ??= false;
    return this.#isOurs;
  }

  #failure(): Outcome | undefined {
    if (this.#tooLarge) return this.#fail(tooLarge(this.#name, this.#maxSize));
    if (this.#writer.state === 'broken')
      return this.#fail({ code: TRANSFER_CODE.store, text: this.#writer.failure ?? '' });
    if (this.#isOurs !== false) return undefined;
    return this.#fail({ code: TRANSFER_CODE.unsupported, text: `${ONLY_ONE}, and another came first` });
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
