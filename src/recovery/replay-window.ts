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
      this.#clear(this.#end, number);
      this.#end = number + 1;
    }
    const word = (number % SIZE) >>> 5;
    this.#bits[word] = (this.#bits[word] as number) | (1 << (number & 31));
  }

  /** Forgets what a jump slides over, word by word: at most the whole bitmap, however far the peer jumps. */
  #clear(first: PacketNumber, last: PacketNumber): void {
    if (last - first >= SIZE) {
      this.#bits.fill(0);
      return;
    }
    for (let number = first; number <= last; ) {
      const word = (number % SIZE) >>> 5;
      if (number % 32 === 0 && number + 31 <= last) {
        this.#bits[word] = 0;
        number += 32;
      } else {
        this.#bits[word] = (this.#bits[word] as number) & ~(1 << (number & 31));
        number++;
      }
    }
  }
}
