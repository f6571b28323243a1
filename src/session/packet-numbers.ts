import type { Prng } from '../base/prng.ts';
import type { PacketNumber } from '../base/units.ts';

/** The first number is at most this: an outsider cannot guess it (PROTOCOL.md section "Packet numbers"). */
const MAX_FIRST: PacketNumber = 2 ** 20;
/** One number is skipped among the first so many, one among twice as many after it, and so on. */
const FIRST_PERIOD = 256;
const LONGEST_PERIOD = 131_072;

/**
 * The numbers of the packets that one side sends. None is used twice, and now and then one is skipped, which nobody can
 * foresee: a peer that acknowledges it lies about what it received (RFC 9000 section 21.4).
 */
export class PacketNumbers {
  readonly #prng: Prng;
  readonly #last: PacketNumber;
  #next: PacketNumber;
  #period = FIRST_PERIOD;
  #skipAt: PacketNumber;

  /** Numbers after `last` are for CLOSEs alone. */
  constructor(prng: Prng, last: PacketNumber) {
    this.#prng = prng;
    this.#last = last;
    this.#next = prng.nextUint32() % (MAX_FIRST + 1);
    this.#skipAt = this.#drawSkip();
  }

  /** Of the next packet. */
  get next(): PacketNumber {
    return this.#next;
  }

  /** No number is left for anything but CLOSEs. */
  get isSpent(): boolean {
    return this.#next > this.#last;
  }

  /** Gives the next number away. */
  take(): PacketNumber {
    const number = this.#next++;
    if (this.#next === this.#skipAt) {
      this.#next++;
      this.#period = Math.min(2 * this.#period, LONGEST_PERIOD);
      this.#skipAt = this.#drawSkip();
    }
    return number;
  }

  /** Never the next number: the first is not skipped, and no two in a row are. */
  #drawSkip(): PacketNumber {
    return this.#next + 1 + (this.#prng.nextUint32() % (this.#period - 1));
  }
}
