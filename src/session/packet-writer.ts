import type { Bytes, PacketNumber, StreamOffset } from '../base/units.ts';
import { type Ack, encodeAck } from '../wire/ack-frame.ts';
import { encodeClose } from '../wire/close-frame.ts';
import type { ConnectionId } from '../wire/connection-id.ts';
import { encodeCredit } from '../wire/credit-frame.ts';
import { DATA_HEADER, encodeData } from '../wire/data-frame.ts';
import { encodePing } from '../wire/frames.ts';
import { encodePathChallenge, encodePathResponse } from '../wire/path-frame.ts';
import { writeProtectedHeader } from '../wire/protected-header.ts';
import type { PacketProtection } from '../wire/protection.ts';
import type { Piece, SendStream } from './send-stream.ts';

/** Writes one protected packet, frame after frame, into the caller's buffer. */
export class PacketWriter {
  readonly #out: Uint8Array;
  readonly #number: PacketNumber;
  readonly #limit: number;
  #at: number;

  /** Frames go up to `limit`; the tag's room beyond it is kept free. */
  constructor(out: Uint8Array, to: ConnectionId, number: PacketNumber, limit: number) {
    this.#out = out;
    this.#number = number;
    this.#limit = limit;
    this.#at = writeProtectedHeader(out, 0, to, number);
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

  writeClose(code: number, reason: Uint8Array): void {
    this.#at = encodeClose(this.#out, this.#at, code, reason);
  }

  /** Appends the tag; returns the datagram's length. */
  seal(protection: PacketProtection): Bytes {
    return protection.seal(this.#out, this.#number, this.#at);
  }
}
