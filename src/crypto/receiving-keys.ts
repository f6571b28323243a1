import type { PacketNumber } from '../base/units.ts';
import { PacketKeys } from './packet-keys.ts';

/**
 * Which keys a packet is opened with: one guess each, made from its key phase and number (RFC 9001 section 6.3). The
 * next keys are made in advance, so that a forged phase costs no more than a forged tag (RFC 9001 section 9.5).
 */
export class ReceivingKeys {
  #previous: PacketKeys | undefined;
  #current: PacketKeys;
  #next: PacketKeys;
  #phase: 0 | 1 = 0;
  /** The lowest number opened in this phase: below it the other phase bit means the phase before, above it the next. */
  #lowest: PacketNumber = Infinity;

  constructor(secret: Uint8Array) {
    this.#current = new PacketKeys(secret);
    this.#next = this.#current.next();
  }

  /** The only keys that can open this packet; undefined: none can. */
  choose(phase: 0 | 1, number: PacketNumber): PacketKeys | undefined {
    if (phase === this.#phase) return this.#current;
    return number > this.#lowest ? this.#next : this.#previous;
  }

  /** The chosen keys have opened the packet: the peer has them too. */
  onOpened(keys: PacketKeys, number: PacketNumber): void {
    if (keys === this.#next) {
      this.#previous?.forget();
      this.#previous = this.#current;
      this.#current = keys;
      this.#next = keys.next();
      this.#phase = this.#phase === 0 ? 1 : 0;
      this.#lowest = number;
    } else if (keys === this.#current && number < this.#lowest) {
      this.#lowest = number;
    }
  }
}
