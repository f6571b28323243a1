import type { Bytes } from '../base/units.ts';
import type { Transmit } from '../session/endpoint.ts';

/** Datagrams that may be on their way to the kernel at once: beyond that the sender waits. */
const MAX_BUFFERS = 128;

/** Hears that the system took a datagram, or why not; `wasAwaited`: somebody had asked for a buffer in vain. */
export type OnTaken = (error: Error | null, wasAwaited: boolean) => void;

/** Room for one datagram on its way to the kernel. Its one callback serves every datagram: closures would be garbage. */
export class TransmitBuffer {
  readonly bytes: Uint8Array;
  /** To be called when the system has taken `datagram`: the buffer is free again. */
  readonly taken: (error: Error | null) => void;
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

  /** Takes a buffer back. Returns whether somebody had asked in vain since the last one came back. */
  give(buffer: TransmitBuffer): boolean {
    this.#free.push(buffer);
    const wasStarved = this.#isStarved;
    this.#isStarved = false;
    return wasStarved;
  }
}
