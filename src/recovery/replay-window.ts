import type { PacketNumber } from '../base/units.ts';

const SIZE = 16_384;

/** Remembers which of the last 16,384 packet numbers came: a bitmap that slides with the largest one. */
export class ReplayWindow {
  readonly #bits = new Uint32Array(SIZE / 32);
  /** One past the largest number that came; 0 before the first. */
  #end: PacketNumber = 0;

  /** False for a number that came before, or is too old to tell. */
  isNew(number: PacketNumber): boolean {
    if (number >= this.#end) return true;
    if (number < this.#end - SIZE) return false;
    return (((this.#bits[(number % SIZE) >>> 5] as number) >>> (number & 31)) & 1) === 0;
  }

  mark(number: PacketNumber): void {
    if (number >= this.#end) {
      // A jump clears what it slides over; at most the whole bitmap, however far the peer jumps.
      const from = Math.max(this.#end, number - SIZE + 1);
      if (number - this.#end >= SIZE) this.#bits.fill(0);
      else for (let n = from; n <= number; n++) this.#clear(n);
      this.#end = number + 1;
    }
    const word = (number % SIZE) >>> 5;
    this.#bits[word] = (this.#bits[word] as number) | (1 << (number & 31));
  }

  #clear(number: PacketNumber): void {
    const word = (number % SIZE) >>> 5;
    this.#bits[word] = (this.#bits[word] as number) & ~(1 << (number & 31));
  }
}
