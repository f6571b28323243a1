import type { Bytes } from '../base/units.ts';
import type { Transmit } from '../session/endpoint.ts';

/** Datagrams that may be on their way to the kernel at once: beyond that the sender waits. */
const MAX_BUFFERS = 128;

/** Hears that the system took a datagram, or why not; `wasAwaited`: somebody had asked for a buffer in vain. */
export type OnTaken = (error: Error | null, wasAwaited: boolean) => void;

/** Room for one datagram on its way to the kernel. Its one callback serves every datagram: closures would be garbage. */
export class TransmitBuffer {
  readonly bytes: Uint8Array;
  /** To be called when the system has taken `datagram`: the buffer is free again, and so are those that it answers for. */
  readonly taken: (error: Error | null) => void;
  /** Sent before it, and not told of by itself: the system takes datagrams in order. */
  answersFor: TransmitBuffer | undefined;
  #datagram: Uint8Array;
  #to = '';

  constructor(size: Bytes, pool: BufferPool, onTaken: OnTaken) {
    this.bytes = new Uint8Array(size);
    this.taken = (error) => onTaken(error, pool.give(this));
    this.#datagram = this.bytes;
  }

  /** What was written to `bytes`. */
  get datagram(): Uint8Array {
    return this.#datagram;
  }

  /** Where it goes. */
  get to(): string {
    return this.#to;
  }

  /** A datagram was written. */
  address({ length, to }: Transmit): void {
    // Mostly the same view: most datagrams have one length.
    if (this.#datagram.length !== length) this.#datagram = this.bytes.subarray(0, length);
    this.#to = to;
  }

  /** Whether another datagram shares its fate, as far as the system refuses any: it is as long and goes to the same place. */
  isLike({ datagram, to }: TransmitBuffer): boolean {
    return datagram.length === this.#datagram.length && to === this.#to;
  }
}

/** Transmit buffers that are used again once the kernel has taken what was in them. */
export class BufferPool {
  readonly #size: Bytes;
  readonly #onTaken: OnTaken;
  readonly #free: TransmitBuffer[] = [];
  #created = 0;
  #isStarved = false;

  constructor(size: Bytes, onTaken: OnTaken) {
    this.#size = size;
    this.#onTaken = onTaken;
  }

  /** A buffer of anyone's old content; undefined: all are in use. */
  take(): TransmitBuffer | undefined {
    const buffer = this.#free.pop();
    if (buffer !== undefined) return buffer;
    if (this.#created === MAX_BUFFERS) {
      this.#isStarved = true;
      return undefined;
    }
    this.#created++;
    return new TransmitBuffer(this.#size, this, this.#onTaken);
  }

  /** Takes a buffer back, and those that it answers for. Returns whether somebody had asked in vain since the last came back. */
  give(buffer: TransmitBuffer): boolean {
    for (let next: TransmitBuffer | undefined = buffer; next !== undefined; ) {
      const { answersFor }: TransmitBuffer = next;
      next.answersFor = undefined;
      this.#free.push(next);
      next = answersFor;
    }
    const wasStarved = this.#isStarved;
    this.#isStarved = false;
    return wasStarved;
  }
}
