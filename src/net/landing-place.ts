import type { Bytes } from '../base/units.ts';

/** To copy a larger datagram takes longer than what it saves. */
const MAX_COPIED: Bytes = 8 * 1024;

/**
 * Where small datagrams are handed on from, one after another. Each comes in memory of its own, and whoever looks at parts
 * of it would make views of that for every one; of the same bytes, and most often of one length, they are kept.
 */
export class LandingPlace {
  readonly #bytes = new Uint8Array(MAX_COPIED);
  #datagram = this.#bytes;

  /** The same bytes, until the next datagram: the same object as before for one of the same length. */
  take(datagram: Uint8Array): Uint8Array {
    const { length } = datagram;
    if (length > MAX_COPIED) return datagram;
    this.#bytes.set(datagram);
    if (this.#datagram.length !== length) this.#datagram = this.#bytes.subarray(0, length);
    return this.#datagram;
  }
}
