import type { Bytes } from '../base/units.ts';
import type { ByteStream } from '../session/byte-stream.ts';
import { HeldPieces } from './held-pieces.ts';
import { MESSAGE_TYPE } from './message-layout.ts';

/** Where the bytes of our stream come from. Whose answer was `undefined` and has changed, calls its wake function. */
export interface PipeInput {
  /** The next piece, handed over for good; undefined: not ready, wake follows. Nothing follows an end or a failure. */
  poll(): InputPiece | undefined;
  /** Gives up what is open. Allowed at any time, any number of times. */
  close(): void;
}

export type InputPiece =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
  /** It broke off, and why. */
  | { readonly kind: 'failed'; readonly text: string };

/** Where the bytes of the peer's stream go. It calls its wake function whenever an answer of it has changed. */
export interface PipeOutput {
  /** Takes the next piece: the output's until it is counted in `taken`. */
  write(bytes: Uint8Array): void;
  /** Bytes of `write` that are out, or were thrown away after a failure. */
  taken(): Bytes;
  /** Nothing follows. */
  end(): void;
  /** Finished: ended, and everything is out. Broken: it takes nothing any more. */
  readonly state: 'open' | 'finished' | 'broken';
  /** Why it is broken, in words that may go to the peer. */
  readonly failure: string | undefined;
}

/** The first bytes of both streams (PROTOCOL.md, section "Pipes"). */
const HEADER = Uint8Array.of(MESSAGE_TYPE.pipe, 0, 0, 0, 0);

/** What became of a pipe. Complete: both directions ended, all that came is out, and what we wrote was acknowledged. */
export type PipeState = 'running' | 'complete' | 'input-failed' | 'output-broken' | 'not-a-pipe';

/** Carries bytes both ways over one session. Polled: `step` does all that can be done now. */
export class PipeTransfer {
  readonly #stream: ByteStream & { readonly writeFinished: boolean };
  readonly #input: PipeInput;
  readonly #output: PipeOutput;
  readonly #isCalled: boolean;
  readonly #held = new HeldPieces();
  /** Bytes of the peer's header that came. */
  #headerRead = 0;
  #hasGreeted = false;
  #inputEnded = false;
  #outputEnded = false;
  #inputFailure: string | undefined;
  #isPipe = true;
  #bytesSent: Bytes = 0;
  #bytesReceived: Bytes = 0;

  /** The side that was called (`isCalled`) says nothing before its peer has said that it is a pipe. */
  constructor(
    stream: ByteStream & { readonly writeFinished: boolean },
    input: PipeInput,
    output: PipeOutput,
    isCalled: boolean,
  ) {
    this.#stream = stream;
    this.#input = input;
    this.#output = output;
    this.#isCalled = isCalled;
  }

  get state(): PipeState {
    if (!this.#isPipe) return 'not-a-pipe';
    if (this.#output.state === 'broken') return 'output-broken';
    if (this.#inputFailure !== undefined) return 'input-failed';
    return this.isDrained && this.#inputEnded && this.#stream.writeFinished ? 'complete' : 'running';
  }

  /** The peer has said that it is a pipe. */
  get isConfirmed(): boolean {
    return this.#headerRead === HEADER.length;
  }

  /** Our stream has been ended. */
  get inputEnded(): boolean {
    return this.#inputEnded;
  }

  /** The peer's stream has ended, and all of it is out. */
  get isDrained(): boolean {
    return this.#output.state === 'finished';
  }

  /** All that came so far is out. */
  get isIdle(): boolean {
    return this.#held.isEmpty;
  }

  /** Why the input failed or the output is broken, in words that may go to the peer; empty: neither is so. */
  get failure(): string {
    return this.#inputFailure ?? this.#output.failure ?? '';
  }

  /** Bytes given to our stream. */
  get bytesSent(): Bytes {
    return this.#bytesSent;
  }

  /** Bytes that came from the peer and are out. */
  get bytesReceived(): Bytes {
    return this.#bytesReceived;
  }

  /** Everything that can be done without waiting. Never throws, whatever the peer sent. */
  step(): void {
    this.drain();
    if (this.#isCalled && !this.isConfirmed) return;
    if (!this.#hasGreeted) this.#stream.write(HEADER.slice());
    this.#hasGreeted = true;
    while (!this.#inputEnded && this.#inputFailure === undefined && this.#stream.writable() > 0) {
      const piece = this.#input.poll();
      if (piece === undefined) break;
      this.#send(piece);
    }
  }

  /** Only the peer's direction: for a session that is over and had more to say. */
  drain(): void {
    while (this.#isPipe) {
      const bytes = this.#stream.read();
      if (bytes === undefined) break;
      this.#receive(bytes);
    }
    this.#bytesReceived += this.#held.giveBack(this.#output.taken(), this.#stream);
    if (this.#outputEnded || !this.#stream.readFinished) return;
    if (!this.isConfirmed) this.#isPipe = false;
    else this.#output.end();
    this.#outputEnded = true;
  }

  /** Gives up what is open. */
  cancel(): void {
    this.#input.close();
  }

  #send(piece: InputPiece): void {
    switch (piece.kind) {
      case 'bytes':
        this.#stream.write(piece.bytes);
        this.#bytesSent += piece.bytes.length;
        break;
      case 'end':
        this.#stream.finish();
        this.#inputEnded = true;
        break;
      case 'failed':
        this.#inputFailure = piece.text;
        break;
    }
  }

  #receive(bytes: Uint8Array): void {
    let at = 0;
    for (; !this.isConfirmed && at < bytes.length; at++) {
      if (bytes[at] !== HEADER[this.#headerRead]) {
        this.#isPipe = false;
        return;
      }
      this.#headerRead++;
    }
    if (at > 0) this.#stream.consumed(at, bytes);
    const rest = bytes.subarray(at);
    if (rest.length === 0) return;
    this.#held.push(rest);
    this.#output.write(rest);
  }
}
