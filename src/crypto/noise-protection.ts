import type { PacketNumber } from '../base/units.ts';
import type { SessionProtection } from '../session/key-agreement.ts';
import { PROTECTED, TAG_RESERVE } from '../wire/protected-header.ts';
import type { ProtectionName } from '../wire/terms.ts';
import { sodium } from './native.ts';
import { ReceivingKeys } from './receiving-keys.ts';
import { SendingKeys } from './sending-keys.ts';

const { crypto_aead_chacha20poly1305_ietf_decrypt: decrypt, crypto_aead_chacha20poly1305_ietf_encrypt: encrypt } =
  sodium;

/** How much one session's keys may be used for. */
export interface KeyLimits {
  /** Packets sealed before a direction changes its key. */
  readonly updateAfter: number;
  /** Packets that may fail to open before the session has to end (RFC 9001 section 6.6). */
  readonly failedOpens: number;
}

const KEY_LIMITS: KeyLimits = { updateAfter: 2 ** 26, failedOpens: 2 ** 36 };

const TAG = TAG_RESERVE;

/** ChaCha20-Poly1305 (RFC 8439) over the frames, with the header as additional data (PROTOCOL.md, section "Noise"). */
export class NoiseProtection implements SessionProtection {
  readonly name: ProtectionName;
  readonly tagLength = TAG;
  readonly #sending: SendingKeys;
  readonly #receiving: ReceivingKeys;
  #failuresLeft: number;
  /** Of the datagram that was opened last: most often the next one comes in the same bytes. */
  #parts = new Parts(new Uint8Array(PROTECTED.frames + TAG), PROTECTED.frames);

  /** Takes both secrets, 32 bytes each. */
  constructor(name: ProtectionName, sending: Uint8Array, receiving: Uint8Array, limits: Partial<KeyLimits> = {}) {
    const { updateAfter, failedOpens } = { ...KEY_LIMITS, ...limits };
    this.name = name;
    this.#sending = new SendingKeys(sending, updateAfter);
    this.#receiving = new ReceivingKeys(receiving);
    this.#failuresLeft = failedOpens;
  }

  get isExhausted(): boolean {
    return this.#failuresLeft <= 0;
  }

  /** Also writes the key phase. Throws when the packet number does not grow. */
  seal(datagram: Uint8Array, packetNumber: PacketNumber, end: number): number {
    const keys = this.#sending.take(packetNumber);
    datagram[0] = ((datagram[0] as number) & 0xfe) | this.#sending.phase;
    const { header, frames, sealed } = new Parts(datagram, end);
    encrypt(sealed, frames, header, null, keys.nonce(packetNumber), keys.key);
    return end + TAG;
  }

  open(datagram: Uint8Array, packetNumber: PacketNumber): number | undefined {
    const end = datagram.length - TAG;
    if (end <= PROTECTED.frames || this.isExhausted) return undefined;
    const keys = this.#receiving.choose(((datagram[0] as number) & 1) as 0 | 1, packetNumber);
    if (keys === undefined) return undefined;
    if (this.#parts.datagram !== datagram) this.#parts = new Parts(datagram, end);
    const { header, frames, sealed } = this.#parts;
    try {
      decrypt(frames, null, sealed, header, keys.nonce(packetNumber), keys.key);
    } catch {
      this.#failuresLeft--;
      return undefined;
    }
    this.#receiving.onOpened(keys, packetNumber);
    return end;
  }

  onAcknowledged(packetNumber: PacketNumber): void {
    this.#sending.onAcknowledged(packetNumber);
  }
}

/** Views of a protected packet whose frames end at `end`. */
class Parts {
  readonly datagram: Uint8Array;
  readonly header: Uint8Array;
  readonly frames: Uint8Array;
  /** The frames and their tag. */
  readonly sealed: Uint8Array;

  constructor(datagram: Uint8Array, end: number) {
    // Cheaper than `subarray`, which for a Buffer makes a Buffer.
    const { buffer, byteOffset } = datagram;
    this.datagram = datagram;
    this.header = new Uint8Array(buffer, byteOffset, PROTECTED.frames);
    this.frames = new Uint8Array(buffer, byteOffset + PROTECTED.frames, end - PROTECTED.frames);
    this.sealed = new Uint8Array(buffer, byteOffset + PROTECTED.frames, end + TAG - PROTECTED.frames);
  }
}
