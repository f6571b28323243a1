import type { PacketNumber } from '../base/units.ts';
import { PacketKeys } from './packet-keys.ts';

/** Which keys the next packet is sealed with: new ones after so many packets, if the peer has followed to the present ones. */
export class SendingKeys {
  readonly #updateAfter: number;
  #keys: PacketKeys;
  #phase: 0 | 1 = 0;
  /** Packets sealed in this phase. */
  #sealed = 0;
  /** The first number of this phase. */
  #first: PacketNumber = 0;
  #last: PacketNumber = -1;
  /** The peer has opened a packet of this phase. */
  #isFollowed = false;

  constructor(secret: Uint8Array, updateAfter: number) {
    this.#keys = new PacketKeys(secret);
    this.#updateAfter = updateAfter;
  }

  /** Of the packet that `take` was last asked about. */
  get phase(): 0 | 1 {
    return this.#phase;
  }

  /** The keys for this packet. Throws when its number does not grow: a nonce used twice would give the key away. */
  take(number: PacketNumber): PacketKeys {
    if (!(number > this.#last)) throw new RangeError(`packet number ${number} after ${this.#last}`);
    if (this.#sealed >= this.#updateAfter && this.#isFollowed) this.#update(number);
    this.#last = number;
    this.#sealed++;
    return this.#keys;
  }

  onAcknowledged(number: PacketNumber): void {
    if (number >= this.#first) this.#isFollowed = true;
  }

  /** Never two phases ahead of the peer, who could not tell them apart (RFC 9001 section 6.1). */
  #update(number: PacketNumber): void {
    const used = this.#keys;
    this.#keys = used.next();
    used.forget();
    this.#phase = this.#phase === 0 ? 1 : 0;
    this.#sealed = 0;
    this.#first = number;
    this.#isFollowed = false;
  }
}
