import { RangeSet } from '../base/range-set.ts';
import type { Bytes, StreamOffset } from '../base/units.ts';

const PAGE: Bytes = 65_536;
/** More holes than this are not kept: a peer that sends every second byte gains nothing. */
const MAX_HOLES = 1024;

/** What became of the bytes of one DATA frame. */
export type Placement = 'kept' | 'not-kept' | 'violation';

/**
 * The receiving side of one byte stream: puts bytes in order. They are copied once, into pages that the reader takes
 * over, and memory is bounded by the credit granted, whatever the peer sends.
 */
export class ReceiveStream {
  readonly #window: Bytes;
  readonly #keepsOutOfOrder: boolean;
  readonly #pages = new Map<number, Uint8Array>();
  readonly #received = new RangeSet();
  /** Everything below was given to the reader. */
  #read: StreamOffset = 0;
  #consumed: Bytes = 0;
  #granted: StreamOffset;
  #final: StreamOffset | undefined;

  constructor(window: Bytes, keepsOutOfOrder: boolean) {
    this.#window = window;
    this.#granted = 0 + window;
    this.#keepsOutOfOrder = keepsOutOfOrder;
  }

  /** The next byte expected: everything below has arrived. */
  get contiguous(): StreamOffset {
    const first = this.#received.at(0);
    return first?.start === 0 ? first.end : 0;
  }

  get readFinished(): boolean {
    return this.#final !== undefined && this.#read === this.#final;
  }

  /** Bytes held that the reader has not taken. */
  get buffered(): Bytes {
    return this.#pages.size * PAGE;
  }

  /** Takes the bytes of a DATA frame; copies what is kept. Where frames overlap, the first one counts. */
  place(offset: StreamOffset, bytes: Uint8Array, fin: boolean): Placement {
    const end = offset + bytes.length;
    if (end > this.#granted) return 'violation';
    if (this.#final !== undefined && (end > this.#final || (fin && end !== this.#final))) return 'violation';
    if (fin && end < (this.#received.end ?? 0)) return 'violation';
    if (!this.#keepsOutOfOrder && offset > this.contiguous) return 'not-kept';
    if (offset > this.contiguous && this.#received.size > MAX_HOLES) return 'not-kept';
    if (fin) this.#final = end;
    this.#received.forEachGap(offset, end, (gapStart, gapEnd) => {
      this.#copy(gapStart, bytes.subarray(gapStart - offset, gapEnd - offset));
    });
    this.#received.add(offset, end);
    return 'kept';
  }

  /** The next bytes in order, the caller's for good; undefined: nothing yet. */
  read(): Uint8Array | undefined {
    const available = this.contiguous;
    if (this.#read >= available) return undefined;
    const index = Math.floor(this.#read / PAGE);
    const pageEnd = (index + 1) * PAGE;
    const end = Math.min(available, pageEnd);
    const page = this.#pages.get(index) as Uint8Array;
    const bytes = page.subarray(this.#read - index * PAGE, end - index * PAGE);
    if (end === pageEnd) this.#pages.delete(index);
    this.#read = end;
    return bytes;
  }

  /** The reader is done with so many bytes: they may be granted anew. */
  consumed(count: Bytes): void {
    this.#consumed += count;
  }

  /** The credit to tell the peer; undefined while it has more than half a window left of what it could be told. */
  pollCredit(): StreamOffset | undefined {
    const grant = this.#consumed + this.#window;
    if (grant - this.#granted < this.#window / 2) return undefined;
    this.#granted = grant;
    return grant;
  }

  /** The credit granted so far: what to say when a CREDIT was lost. */
  get granted(): StreamOffset {
    return this.#granted;
  }

  #copy(offset: StreamOffset, bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const index = Math.floor((offset + at) / PAGE);
      const start = offset + at - index * PAGE;
      const count = Math.min(PAGE - start, bytes.length - at);
      let page = this.#pages.get(index);
      if (page === undefined) {
        page = new Uint8Array(PAGE);
        this.#pages.set(index, page);
      }
      page.set(bytes.subarray(at, at + count), start);
      at += count;
    }
  }
}
