import type { Bytes, PacketNumber, StreamOffset } from '../base/units.ts';
import { type Ack, encodeAck } from '../wire/ack-frame.ts';
import { encodeClose } from '../wire/close-frame.ts';
import type { ConnectionId } from '../wire/connection-id.ts';
import { encodeCredit } from '../wire/credit-frame.ts';
import { DATA_HEADER, encodeData } from '../wire/data-frame.ts';
import { encodePad, encodePing } from '../wire/frames.ts';
import { encodePathChallenge, encodePathResponse } from '../wire/path-frame.ts';
import { writeProtectedHeader } from '../wire/protected-header.ts';
import type { PacketProtection } from '../wire/protection.ts';
import type { Piece, SendStream } from './send-stream.ts';

const NOWHERE = new Uint8Array(0);

/** Writes protected packets, one after another and each frame after frame, into the caller's buffers. */
export class PacketWriter {
  readonly #to: ConnectionId;
  #out: Uint8Array = NOWHERE;
  #number: PacketNumber = 0;
  #limit = 0;
  #at = 0;

  constructor(to: ConnectionId) {
    this.#to = to;
  }

  /** Another packet, in `out`. Frames go up to `limit`; the tag's room beyond it is kept free. */
  begin(out: Uint8Array, number: PacketNumber, limit: number): void {
    this.#out = out;
    this.#number = number;
    this.#limit = limit;
    this.#at = writeProtectedHeader(out, 0, this.#to, number);
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

  /** Appends the tag; returns the datagram's length. */
  seal(protection: PacketProtection): Bytes {
    return protection.seal(this.#out, this.#number, this.#at);
  }
}
