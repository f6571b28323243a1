import { RangeSet } from '../base/range-set.ts';
import type { Bytes, StreamOffset } from '../base/units.ts';

/** A piece of the stream that goes into one DATA frame. */
export interface Piece {
  readonly offset: StreamOffset;
  readonly length: Bytes;
  readonly fin: boolean;
}

interface Chunk {
  readonly offset: StreamOffset;
  readonly bytes: Uint8Array;
  readonly onSettled: (() => void) | undefined;
}

/** The sending side of one byte stream: keeps what is not acknowledged, knows what has to go out again. */
export class SendStream {
  readonly #chunks: Chunk[] = [];
  #written: StreamOffset = 0;
  #finished = false;
  /** Everything below is acknowledged. */
  #base: StreamOffset = 0;
  /** The first byte never sent. */
  #next: StreamOffset = 0;
  #finSent = false;
  #finLost = false;
  #finAcked = false;
  /** Above the base. */
  readonly #acked = new RangeSet();
  readonly #lost = new RangeSet();
  /** The chunk copied from last: nearly always the one that is next. */
  #cursor = 0;

  /** Bytes kept: written and not acknowledged. */
  get buffered(): Bytes {
    return this.#written - this.#base;
  }

  /** Everything below is acknowledged. */
  get acknowledged(): StreamOffset {
    return this.#base;
  }

  /** Bytes written and never sent. */
  get unsent(): Bytes {
    return this.#written - this.#next;
  }

  /** The first byte never sent. */
  get next(): StreamOffset {
    return this.#next;
  }

  /** Everything written, and the end, is acknowledged. */
  get complete(): boolean {
    return this.#finAcked && this.#base === this.#written;
  }

  /** Appends; the bytes must not change until `onSettled`: they and all before them are acknowledged. */
  write(bytes: Uint8Array, onSettled?: () => void): void {
    if (this.#finished) throw new Error('the stream has been finished');
    if (bytes.length === 0) return;
    this.#chunks.push({ offset: this.#written, bytes, onSettled });
    this.#written += bytes.length;
  }

  finish(): void {
    this.#finished = true;
  }

  /** Something was lost and has to go out again. */
  get hasLost(): boolean {
    return !this.#lost.isEmpty || this.#finLost;
  }

  /** There is something to send, were the peer's credit `limit`. */
  hasPending(limit: StreamOffset): boolean {
    return this.hasLost || this.#hasNew(limit);
  }

  /** The next piece to send, at most `max` bytes: what was lost first, then new bytes below `limit`. Counts as sent. */
  take(max: Bytes, limit: StreamOffset): Piece | undefined {
    const lost = this.#lost.isEmpty ? undefined : this.#lost.at(0);
    if (lost !== undefined) {
      const length = Math.min(max, lost.end - lost.start);
      this.#lost.remove(lost.start, lost.start + length);
      return this.#piece(lost.start, length);
    }
    if (this.#finLost) return this.#piece(this.#written, 0);
    if (!this.#hasNew(limit)) return undefined;
    const length = Math.max(0, Math.min(max, this.#written - this.#next, limit - this.#next));
    const piece = this.#piece(this.#next, length);
    this.#next += length;
    return piece;
  }

  /** The oldest bytes sent and not acknowledged, once more: a probe. */
  takeOldest(max: Bytes): Piece | undefined {
    const end = this.#acked.first ?? this.#next;
    if (this.#base < this.#next) {
      const length = Math.min(max, end - this.#base);
      this.#lost.remove(this.#base, this.#base + length);
      return this.#piece(this.#base, length);
    }
    return this.#finSent && !this.#finAcked ? this.#piece(this.#written, 0) : undefined;
  }

  /** Copies a piece's bytes to `out` at `at`. */
  copy({ offset, length }: Piece, out: Uint8Array, at: number): void {
    let from = offset;
    const end = offset + length;
    for (let i = this.#findChunk(offset); from < end; i++) {
      const chunk = this.#chunks[i] as Chunk;
      this.#cursor = i;
      const start = from - chunk.offset;
      const count = Math.min(chunk.bytes.length - start, end - from);
      out.set(
        start === 0 && count === chunk.bytes.length ? chunk.bytes : chunk.bytes.subarray(start, start + count),
        at,
      );
      at += count;
      from += count;
    }
  }

  onAcked({ offset, length, fin }: Piece): void {
    if (fin) {
      this.#finAcked = true;
      this.#finLost = false;
    }
    if (length === 0) return;
    const end = offset + length;
    this.#lost.remove(offset, end);
    if (offset <= this.#base) this.#advance(end);
    else this.#acked.add(offset, end);
  }

  /** The peer has everything below `offset`. False: it claims bytes that were never sent. */
  onCumulative(offset: StreamOffset): boolean {
    if (offset > this.#next) return false;
    this.#lost.remove(this.#base, offset);
    this.#advance(offset);
    return true;
  }

  onLost({ offset, length, fin }: Piece): void {
    if (fin && !this.#finAcked) this.#finLost = true;
    const from = Math.max(offset, this.#base);
    if (this.#acked.isEmpty) this.#lost.add(from, offset + length);
    else this.#acked.forEachGap(from, offset + length, (start, end) => this.#lost.add(start, end));
  }

  #hasNew(limit: StreamOffset): boolean {
    if (this.#next < this.#written) return this.#next < limit;
    return this.#finished && !this.#finSent;
  }

  #piece(offset: StreamOffset, length: Bytes): Piece {
    const fin = this.#finished && offset + length === this.#written;
    if (fin) {
      this.#finSent = true;
      this.#finLost = false;
    }
    return { offset, length, fin };
  }

  /** Everything below `end` is acknowledged, and with it what was acknowledged beyond it without a gap. */
  #advance(end: StreamOffset): void {
    if (end <= this.#base) return;
    this.#base = end;
    if (!this.#acked.isEmpty) {
      const first = this.#acked.at(0);
      if (first !== undefined && first.start <= end) this.#base = Math.max(end, first.end);
      this.#acked.remove(0, this.#base);
    }
    let settled = 0;
    for (let chunk = this.#chunks[0]; chunk !== undefined && endOf(chunk) <= this.#base; ) {
      chunk.onSettled?.();
      chunk = this.#chunks[++settled];
    }
    if (settled === 0) return;
    this.#chunks.splice(0, settled);
    this.#cursor = Math.max(0, this.#cursor - settled);
  }

  #findChunk(offset: StreamOffset): number {
    for (const i of [this.#cursor, this.#cursor + 1]) {
      const chunk = this.#chunks[i];
      if (chunk !== undefined && chunk.offset <= offset && offset < endOf(chunk)) return i;
    }
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#chunks[middle] as Chunk).offset <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

const endOf = ({ offset, bytes }: Chunk): StreamOffset => offset + bytes.length;
