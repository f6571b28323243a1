import type { Bytes } from '../base/units.ts';

/** Datagrams that may be on their way to the kernel at once: beyond that the sender waits. */
const MAX_BUFFERS = 128;

/** Hears that the system took a datagram, or why not; `wasAwaited`: somebody had asked for a buffer in vain. */
export type OnTaken = (error: Error | null, wasAwaited: boolean) => void;

/** Room for one datagram on its way to the kernel. Its one callback serves every datagram: closures would be garbage. */
export class TransmitBuffer {
  readonly bytes: Uint8Array;
  /** To be called when the system has taken what `view` gave: the buffer is free again. */
  readonly taken: (error: Error | null) => void;
  #view: Uint8Array;

  constructor(size: Bytes, pool: BufferPool, onTaken: OnTaken) {
    this.bytes = new Uint8Array(size);
    this.taken = (error) => onTaken(error, pool.give(this));
    this.#view = this.bytes;
  }

  /** The first `length` bytes: mostly the same view, as most datagrams have one length. */
  view(length: Bytes): Uint8Array {
    if (this.#view.length !== length) this.#view = this.bytes.subarray(0, length);
    return this.#view;
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
