import type { Bytes } from '../base/units.ts';

/**
 * The two byte streams of a session as a transfer sees them: polled, never awaited. Whoever owns the session steps the
 * transfer again when room appeared, bytes arrived or the peer's stream ended.
 */
export interface ByteStream {
  /** Room for more bytes now; 0 or less: none. A writer may exceed it by one piece. */
  writable(): Bytes;
  /** Bytes written and never sent. */
  readonly unsent: Bytes;
  /**
   * Appends to our stream; never after `finish`. The bytes belong to the stream from now on, until `onSettled` is called:
   * the peer has them, and all before them. It may note that their memory is free, and nothing else.
   */
  write(bytes: Uint8Array, onSettled?: () => void): void;
  /** Ends our stream after everything written. */
  finish(): void;
  /** The next piece of the peer's stream in order, the caller's from now on; undefined: nothing yet, or the end. */
  read(): Uint8Array | undefined;
  /** The peer's stream has ended and `read` has given all of it. */
  readonly readFinished: boolean;
  /**
   * So many bytes given by `read` need no memory any more, each of them counted once: grants credit. `of`, a part of the
   * piece they are in, lets that memory be used again: nobody may look at those bytes afterwards.
   */
  consumed(count: Bytes, of?: Uint8Array): void;
}
