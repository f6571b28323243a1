import type { Bytes, StreamOffset } from '../base/units.ts';
import { type Ack, encodeAck } from '../wire/ack-frame.ts';
import { encodeClose } from '../wire/close-frame.ts';
import type { ConnectionId } from '../wire/connection-id.ts';
import { encodeCredit } from '../wire/credit-frame.ts';
import { DATA_HEADER, encodeData } from '../wire/data-frame.ts';
import { encodePad, encodePing } from '../wire/frames.ts';
import { MIN_DATAGRAM } from '../wire/limits.ts';
import { encodePathChallenge, encodePathResponse } from '../wire/path-frame.ts';
import { TAG_RESERVE, writeProtectedHeader } from '../wire/protected-header.ts';
import type { PacketProtection } from '../wire/protection.ts';
import type { PacketNumbers } from './packet-numbers.ts';
import type { Piece, SendStream } from './send-stream.ts';

const NOWHERE = new Uint8Array(0);

/**
 * Writes a session's protected packets, one after another and each frame after frame, into the caller's buffers: gives
 * every packet its number, and seals it.
 */
export class PacketWriter {
  readonly #to: ConnectionId;
  readonly #protection: PacketProtection;
  readonly #numbers: PacketNumbers;
  #out: Uint8Array = NOWHERE;
  #limit = 0;
  #at = 0;

  constructor(to: ConnectionId, protection: PacketProtection, numbers: PacketNumbers) {
    this.#to = to;
    this.#protection = protection;
    this.#numbers = numbers;
  }

  /** Another packet, in `out`; frames go up to where the tag of a datagram of `size` bytes would begin. */
  begin(out: Uint8Array, size: Bytes = MIN_DATAGRAM): this {
    return this.#begin(out, size - TAG_RESERVE);
  }

  /** The same, and the datagram has exactly `size` bytes once it was filled: the tag takes what it needs. */
  beginExactly(out: Uint8Array, size: Bytes): this {
    return this.#begin(out, size - this.#protection.tagLength);
  }

  /** Stream bytes that still fit. */
  get dataRoom(): Bytes {
    return this.#limit - this.#at - DATA_HEADER;
  }

  writeAck(ack: Omit<Ack, 'kind'>): void {
    this.#at = encodeAck(this.#out, this.#at, ack);
  }

  writeData(piece: Piece, from: SendStream): void {
    const payload = encodeData(this.#out, this.#at, piece.offset, piece.fin, piece.length);
    from.copy(piece, this.#out, payload);
    this.#at = payload + piece.length;
  }

  writeCredit(maximum: StreamOffset): void {
    this.#at = encodeCredit(this.#out, this.#at, maximum);
  }

  writePathChallenge(token: Uint8Array): void {
    this.#at = encodePathChallenge(this.#out, this.#at, token);
  }

  writePathResponse(token: Uint8Array): void {
    this.#at = encodePathResponse(this.#out, this.#at, token);
  }

  writePing(): void {
    this.#at = encodePing(this.#out, this.#at);
  }

  /** Fills the packet up to its limit. */
  writePad(): void {
    this.#at = encodePad(this.#out, this.#at, this.#limit);
  }

  writeClose(code: number, reason: Uint8Array): void {
    this.#at = encodeClose(this.#out, this.#at, code, reason);
  }

  /** Appends the tag and moves on to the next number; returns the datagram's length. */
  seal(): Bytes {
    return this.#protection.seal(this.#out, this.#numbers.take(), this.#at);
  }

  #begin(out: Uint8Array, limit: number): this {
    this.#out = out;
    this.#limit = limit;
    this.#at = writeProtectedHeader(out, 0, this.#to, this.#numbers.next);
    return this;
  }
}
