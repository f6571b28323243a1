import type { Bytes } from '../base/units.ts';
import { Bell } from './bell.ts';
import { type Batch, WriteQueue } from './write-queue.ts';

/** Enough bytes to write without waiting for more. */
const READY: Bytes = 256 * 1024;
/** Milliseconds that fewer bytes wait for company: a peer may be waiting for the credit they hold. */
const LINGER = 5;

/** What the sender says an entry is, after all of its content. */
export interface Promised {
  readonly size: Bytes;
  readonly digest: Uint8Array;
}

/** What has come of one entry and is not dealt with yet: content for the disk, then its end, or that it is given up. */
export class Arrivals {
  readonly #queue = new WriteQueue();
  readonly #bell = new Bell();
  #linger: ReturnType<typeof setTimeout> | undefined;
  #isDue = false; // bytes have lingered long enough
  #isDropping = false;
  #isAborted = false;
  #promised: Promised | undefined;
  #taken: Bytes = 0;

  /** Bytes that are written, or thrown away: their memory is free. */
  get taken(): Bytes {
    return this.#taken;
  }

  get promised(): Promised | undefined {
    return this.#promised;
  }

  get isAborted(): boolean {
    return this.#isAborted;
  }

  /** Whatever comes is thrown away. */
  get isDropping(): boolean {
    return this.#isDropping;
  }

  /** Nothing came that there is something to do about. */
  get isEmpty(): boolean {
    return this.#queue.size === 0 && this.#promised === undefined && !this.#isAborted;
  }

  /** There is enough to write, or it has waited for company, or none will come. */
  get isReady(): boolean {
    if (this.#queue.size >= READY) return true;
    return this.#queue.size > 0 && (this.#isDue || this.#promised !== undefined);
  }

  push(bytes: Uint8Array, offset: Bytes): void {
    this.#queue.push(bytes, offset);
    if (this.#isDropping) this.drop();
    else if (this.#queue.size >= READY) this.#bell.ring();
    else this.#linger ??= setTimeout(() => this.#flush(), LINGER);
  }

  end(promised: Promised): void {
    this.#promised = promised;
    this.#flush();
  }

  abort(): void {
    this.#isAborted = true;
    this.#bell.ring();
  }

  /** Resolves when something else came; never rejects. One at a time may wait. */
  news(): Promise<void> {
    return this.#bell.wait();
  }

  /** The next batch for the disk. It counts as taken when `wrote` says so. */
  take(): Batch {
    this.#rest();
    const batch = this.#queue.take();
    this.#isDue = this.#queue.size > 0; // what is left waited as long
    return batch;
  }

  wrote({ size }: Batch): void {
    this.#taken += size;
  }

  /** From now on bytes are thrown away, and count as taken. How many that were now. */
  drop(): Bytes {
    this.#isDropping = true;
    this.#rest();
    const dropped = this.#queue.clear();
    this.#taken += dropped;
    return dropped;
  }

  /** What is there is written now, however little. */
  #flush(): void {
    this.#isDue = true;
    this.#bell.ring();
  }

  #rest(): void {
    clearTimeout(this.#linger);
    this.#linger = undefined;
  }
}
