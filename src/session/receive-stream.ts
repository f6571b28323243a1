import { RangeSet } from '../base/range-set.ts';
import type { Bytes, StreamOffset } from '../base/units.ts';
import { Pages } from './pages.ts';

/** More holes than this are not kept: a peer that sends every second byte gains nothing. */
const MAX_HOLES = 1024;

/** What became of the bytes of one DATA frame. */
export type Placement = 'kept' | 'not-kept' | 'violation';

/** The receiving side of one byte stream: puts bytes in order. They are copied once, into pages that the reader takes over. */
export class ReceiveStream {
  readonly #keepsOutOfOrder: boolean;
  readonly #pages = new Pages();
  /** What arrived ahead of a gap. */
  readonly #ahead = new RangeSet();
  #contiguous: StreamOffset = 0;
  #highest: StreamOffset = 0;
  /** Everything below was given to the reader. */
  #read: StreamOffset = 0;
  #final: StreamOffset | undefined;

  constructor(keepsOutOfOrder: boolean) {
    this.#keepsOutOfOrder = keepsOutOfOrder;
  }

  /** The next byte expected: everything below has arrived. */
  get contiguous(): StreamOffset {
    return this.#contiguous;
  }

  /** One past the last byte that has arrived. */
  get highest(): StreamOffset {
    return this.#highest;
  }

  get readFinished(): boolean {
    return this.#final !== undefined && this.#read === this.#final;
  }

  /** Memory of bytes that the reader has not taken. */
  get buffered(): Bytes {
    return this.#pages.size;
  }

  /**
   * Takes the bytes of a DATA frame; copies what is kept. Where frames overlap, the first one counts. Bytes from `limit`
   * on were not granted: that is a violation, as are bytes beyond the end and a second end.
   */
  place(offset: StreamOffset, bytes: Uint8Array, fin: boolean, limit: StreamOffset): Placement {
    const end = offset + bytes.length;
    if (end > limit) return 'violation';
    if (this.#final !== undefined && (end > this.#final || (fin && end !== this.#final))) return 'violation';
    if (fin && end < this.#highest) return 'violation';
    if (offset > this.#contiguous) {
      if (!this.#keepsOutOfOrder) return 'not-kept';
      // What touches a piece makes none more: to refuse it too would let a path with many losses stand still.
      if (this.#ahead.size > MAX_HOLES && this.#isApart(offset, end)) return 'not-kept';
      this.#keep(offset, end, bytes);
      this.#ahead.add(offset, end);
    } else if (end > this.#contiguous) this.#extend(offset, end, bytes);
    if (fin) this.#final = end;
    if (end > this.#highest) this.#highest = end;
    return 'kept';
  }

  /** The next bytes in order, the caller's until it frees them; undefined: nothing yet. */
  read(): Uint8Array | undefined {
    if (this.#read === this.#contiguous) return undefined;
    const bytes = this.#pages.take(this.#read, this.#contiguous);
    this.#read += bytes.length;
    return bytes;
  }

  /** So many bytes of a piece that was read are not looked at any more: their memory may hold others. */
  free(count: Bytes, of: Uint8Array): void {
    this.#pages.free(count, of);
  }

  /** Bytes that continue what is in order, and perhaps close a gap. */
  #extend(offset: StreamOffset, end: StreamOffset, bytes: Uint8Array): void {
    const from = this.#contiguous;
    const fresh = offset === from ? bytes : bytes.subarray(from - offset);
    this.#contiguous = end;
    if (this.#ahead.isEmpty) {
      this.#pages.copy(from, fresh);
      return;
    }
    this.#keep(from, end, fresh);
    this.#ahead.add(from, end);
    this.#contiguous = this.#ahead.at(0)?.end ?? end;
    this.#ahead.remove(from, this.#contiguous);
  }

  /** Bytes that would be a piece of their own. */
  #isApart(offset: StreamOffset, end: StreamOffset): boolean {
    return !this.#ahead.has(offset - 1) && this.#ahead.nextMember(offset) > end;
  }

  #keep(offset: StreamOffset, end: StreamOffset, bytes: Uint8Array): void {
    this.#ahead.forEachGap(offset, end, (gapStart, gapEnd) => {
      this.#pages.copy(gapStart, bytes.subarray(gapStart - offset, gapEnd - offset));
    });
  }
}
