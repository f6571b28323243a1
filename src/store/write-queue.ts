import type { Bytes } from '../base/units.ts';

/** The most that one write takes. */
export const BATCH: Bytes = 1024 * 1024;
/** Views below this are copied together; larger ones go to the disk as they are. */
const SMALL: Bytes = 32 * 1024;
const NOTHING = new Uint8Array(0);

/** Pieces that follow each other in the file. */
export interface Batch {
  /** Where in the file the first one belongs. */
  readonly offset: Bytes;
  readonly pieces: Uint8Array[];
  /** All of them together. */
  readonly size: Bytes;
}

interface View {
  bytes: Uint8Array;
  readonly offset: Bytes;
}

/**
 * Views waiting for the disk, in the order they came, which need not be that of their places in the file. A batch costs
 * one system call however small its views were.
 */
export class WriteQueue {
  #views: View[] = [];
  #size: Bytes = 0;
  #scratch = NOTHING;

  /** Bytes waiting. */
  get size(): Bytes {
    return this.#size;
  }

  /** Appends a view that belongs at `offset`; slices of one page that follow each other become one again. */
  push(bytes: Uint8Array, offset: Bytes): void {
    if (bytes.length === 0) return;
    this.#size += bytes.length;
    const last = this.#views.at(-1);
    if (last !== undefined && continues(last, bytes, offset) && last.bytes.length + bytes.length <= BATCH) {
      last.bytes = new Uint8Array(bytes.buffer, last.bytes.byteOffset, last.bytes.length + bytes.length);
    } else {
      this.#views.push({ bytes, offset });
    }
  }

  /** The next pieces to write, up to `BATCH` bytes or one larger view. They are valid until the next call. */
  take(): Batch {
    const [first] = this.#views;
    if (first !== undefined && this.#views.length === 1) return this.#takeOnly(first);
    const batch = this.#views.splice(0, this.#countOfBatch());
    const views = batch.map(({ bytes }) => bytes);
    const size = views.reduce((sum, view) => sum + view.length, 0);
    const small = views.reduce((sum, view) => sum + (view.length < SMALL ? view.length : 0), 0);
    if (this.#scratch.length < small) this.#scratch = new Uint8Array(Math.min(BATCH, small * 2));
    const pieces: Uint8Array[] = [];
    let run = 0; // where the current run of small views begins in the scratch
    let end = 0;
    for (const view of views) {
      this.#size -= view.length;
      if (view.length < SMALL) {
        this.#scratch.set(view, end);
        end += view.length;
      } else {
        if (end > run) pieces.push(this.#scratch.subarray(run, end));
        pieces.push(view);
        run = end;
      }
    }
    if (end > run) pieces.push(this.#scratch.subarray(run, end));
    return { offset: batch[0]?.offset ?? 0, pieces, size };
  }

  /** Throws everything away: how many bytes that were. */
  clear(): Bytes {
    const dropped = this.#size;
    this.#views = [];
    this.#size = 0;
    this.#scratch = NOTHING;
    return dropped;
  }

  /** Most small files come in one view: there is nothing to copy together. */
  #takeOnly({ bytes, offset }: View): Batch {
    this.#views = [];
    this.#size -= bytes.length;
    return { offset, pieces: [bytes], size: bytes.length };
  }

  #countOfBatch(): number {
    let total = 0;
    let count = 0;
    let end = this.#views[0]?.offset;
    for (const { bytes, offset } of this.#views) {
      total += bytes.length;
      if (count > 0 && (total > BATCH || offset !== end)) break;
      end = offset + bytes.length;
      count++;
    }
    return count;
  }
}

/** The bytes begin where the view ends, in memory and in the file. */
function continues({ bytes, offset }: View, next: Uint8Array, nextOffset: Bytes): boolean {
  const inMemory = next.buffer === bytes.buffer && next.byteOffset === bytes.byteOffset + bytes.length;
  return inMemory && nextOffset === offset + bytes.length;
}
