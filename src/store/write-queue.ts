import type { Bytes } from '../base/units.ts';

/** The most that one write takes. */
export const BATCH: Bytes = 1024 * 1024;
/** Views below this are copied together; larger ones go to the disk as they are. */
const SMALL: Bytes = 32 * 1024;

/** Views waiting for the disk, in order. A batch costs one system call however small its views were. */
export class WriteQueue {
  #views: Uint8Array[] = [];
  #size: Bytes = 0;
  #scratch = new Uint8Array(0);

  /** Bytes waiting. */
  get size(): Bytes {
    return this.#size;
  }

  /** Appends a view; slices of one page that follow each other become one again. */
  push(view: Uint8Array): void {
    if (view.length === 0) return;
    this.#size += view.length;
    const last = this.#views.at(-1);
    if (last !== undefined && follows(last, view) && last.length + view.length <= BATCH) {
      this.#views[this.#views.length - 1] = new Uint8Array(view.buffer, last.byteOffset, last.length + view.length);
    } else {
      this.#views.push(view);
    }
  }

  /** The next pieces to write, up to `BATCH` bytes or one larger view. They are valid until the next call. */
  take(): Uint8Array[] {
    const views = this.#views.splice(0, this.#countOfBatch());
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
    return pieces;
  }

  /** Throws everything away: how many bytes that were. */
  clear(): Bytes {
    const dropped = this.#size;
    this.#views = [];
    this.#size = 0;
    this.#scratch = new Uint8Array(0);
    return dropped;
  }

  #countOfBatch(): number {
    let total = 0;
    let count = 0;
    for (const view of this.#views) {
      total += view.length;
      if (count > 0 && total > BATCH) break;
      count++;
    }
    return count;
  }
}

/** The view begins in memory where the other one ends. */
function follows(other: Uint8Array, view: Uint8Array): boolean {
  return view.buffer === other.buffer && view.byteOffset === other.byteOffset + other.length;
}
