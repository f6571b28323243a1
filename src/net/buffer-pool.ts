import type { Bytes } from '../base/units.ts';

/** Datagrams that may be on their way to the kernel at once: beyond that the sender waits. */
const MAX_BUFFERS = 128;

/** Transmit buffers that are used again once the kernel has taken what was in them. */
export class BufferPool {
  readonly #size: Bytes;
  readonly #free: Uint8Array[] = [];
  #created = 0;
  #isStarved = false;

  constructor(size: Bytes) {
    this.#size = size;
  }

  /** A buffer of anyone's old content; undefined: all are in use. */
  take(): Uint8Array | undefined {
    const buffer = this.#free.pop();
    if (buffer !== undefined) return buffer;
    if (this.#created === MAX_BUFFERS) {
      this.#isStarved = true;
      return undefined;
    }
    this.#created++;
    return new Uint8Array(this.#size);
  }

  /** Takes a buffer back. Returns whether somebody had asked in vain since the last one came back. */
  give(buffer: Uint8Array): boolean {
    this.#free.push(buffer);
    const wasStarved = this.#isStarved;
    this.#isStarved = false;
    return wasStarved;
  }
}
