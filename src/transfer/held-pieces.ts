import type { Bytes } from '../base/units.ts';
import type { ByteStream } from '../session/byte-stream.ts';

/** Pieces of a stream that somebody has in hand; they go back to the stream in order, and with them their memory. */
export class HeldPieces {
  #pieces: Uint8Array[] = [];
  /** Pieces at the beginning that went back: a long list is not moved up for each of them. */
  #gone = 0;
  /** Bytes of the first piece that went back. */
  #freedOfFirst: Bytes = 0;
  #freed: Bytes = 0;

  get isEmpty(): boolean {
    return this.#gone === this.#pieces.length;
  }

  push(piece: Uint8Array): void {
    this.#pieces.push(piece);
  }

  /** The first `taken` bytes of all that was pushed are not needed any more. Answers how many more those are than last time. */
  giveBack(taken: Bytes, stream: Pick<ByteStream, 'consumed'>): Bytes {
    const before = this.#freed;
    for (let piece = this.#first; piece !== undefined && this.#freed < taken; piece = this.#first) {
      const count = Math.min(piece.length - this.#freedOfFirst, taken - this.#freed);
      stream.consumed(count, piece);
      this.#freed += count;
      this.#freedOfFirst += count;
      if (this.#freedOfFirst < piece.length) break;
      this.#dropFirst();
      this.#freedOfFirst = 0;
    }
    return this.#freed - before;
  }

  get #first(): Uint8Array | undefined {
    return this.#pieces[this.#gone];
  }

  #dropFirst(): void {
    this.#gone++;
    if (2 * this.#gone < this.#pieces.length) return;
    this.#pieces = this.#pieces.slice(this.#gone);
    this.#gone = 0;
  }
}
