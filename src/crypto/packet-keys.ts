import type { PacketNumber } from '../base/units.ts';
import { derive } from './blake2b.ts';
import { sodium } from './native.ts';

const { sodium_memzero } = sodium;

/** Bytes of a nonce; the packet number is in the last six of them. */
const NONCE = 12;
const NUMBER = 6;

/** What one direction seals with during one key phase (PROTOCOL.md, section "Keys"). */
export class PacketKeys {
  readonly key: Uint8Array;
  readonly #secret: Uint8Array;
  readonly #iv: Uint8Array;
  readonly #nonce: Uint8Array;

  /** Takes the secret, 32 bytes: they are zeroed when the keys are forgotten. */
  constructor(secret: Uint8Array) {
    this.#secret = secret;
    this.key = derive(secret, 'udpcp1 key');
    this.#iv = derive(secret, 'udpcp1 iv').slice(0, NONCE);
    this.#nonce = this.#iv.slice();
  }

  /** The keys of the phase after this. */
  next(): PacketKeys {
    return new PacketKeys(derive(this.#secret, 'udpcp1 ku'));
  }

  /** The iv XOR the packet number, in memory that the next call writes over. */
  nonce(number: PacketNumber): Uint8Array {
    const [iv, nonce] = [this.#iv, this.#nonce];
    let rest: number = number;
    for (let at = NONCE - 1; at >= NONCE - NUMBER; at--) {
      nonce[at] = (iv[at] as number) ^ (rest & 0xff);
      rest = Math.floor(rest / 256);
    }
    return nonce;
  }

  forget(): void {
    for (const bytes of [this.#secret, this.key, this.#iv, this.#nonce]) sodium_memzero(bytes);
  }
}
