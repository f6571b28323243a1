import type { Bytes, StreamOffset } from '../base/units.ts';

/** Bytes in a page. */
const PAGE: Bytes = 65_536;
/** Pages kept for another use: about what a disk has in its hands at once. */
const MAX_SPARE = 32;

/**
 * Memory for a stretch of a byte stream, in pages. A page that was read to its end is the reader's; once all its bytes
 * came back through `free` it is used again, because fresh memory costs more than the copy into it.
 */
export class Pages {
  /** By their place in the stream, those that were not read to their end. */
  readonly #pages = new Map<number, Uint8Array>();
  /** Bytes that came back, by the buffer of their page. */
  readonly #freed = new WeakMap<ArrayBufferLike, Bytes>();
  readonly #spare: Uint8Array[] = [];
  /** The page used last: nearly always the one used next. */
  #index = -1;
  #page: Uint8Array = new Uint8Array(0);

  /** Memory of the pages that the reader has not taken over. */
  get size(): Bytes {
    return this.#pages.size * PAGE;
  }

  /** Puts the bytes in their place. */
  copy(offset: StreamOffset, bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const index = Math.floor((offset + at) / PAGE);
      const start = offset + at - index * PAGE;
      const count = Math.min(PAGE - start, bytes.length - at);
      this.#at(index).set(count === bytes.length ? bytes : bytes.subarray(at, at + count), start);
      at += count;
    }
  }

  /** The bytes from `start` up to `end` or the end of their page, all of them put there before; never asked for again. */
  take(start: StreamOffset, end: StreamOffset): Uint8Array {
    const index = Math.floor(start / PAGE);
    const base = index * PAGE;
    const page = this.#at(index);
    if (end >= base + PAGE) {
      this.#pages.delete(index);
      this.#index = -1;
    }
    return page.subarray(start - base, Math.min(end - base, PAGE));
  }

  /** So many bytes of the page that `of` is a part of are not looked at any more. Each byte may come back once. */
  free(count: Bytes, of: Uint8Array): void {
    const freed = (this.#freed.get(of.buffer) ?? 0) + count;
    if (freed < PAGE) {
      this.#freed.set(of.buffer, freed);
      return;
    }
    this.#freed.delete(of.buffer);
    if (this.#spare.length < MAX_SPARE) this.#spare.push(new Uint8Array(of.buffer));
  }

  #at(index: number): Uint8Array {
    if (index === this.#index) return this.#page;
    let page = this.#pages.get(index);
    if (page === undefined) {
      page = this.#spare.pop() ?? new Uint8Array(PAGE);
      this.#pages.set(index, page);
    }
    this.#index = index;
    this.#page = page;
    return page;
  }
}
