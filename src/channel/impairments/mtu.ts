import type { Bytes } from '../../base/units.ts';
import type { Draft, Impairment } from '../draft.ts';

/** Loses every datagram that is too large, and says nothing: a black hole (RFC 8899 section 4.3). No randomness. */
export class Mtu implements Impairment {
  readonly #mtu: Bytes;

  /** The largest UDP payload that passes. */
  constructor(mtu: Bytes) {
    this.#mtu = mtu;
  }

  apply(draft: Draft): void {
    if (draft.size > this.#mtu) draft.drop('mtu');
  }
}
