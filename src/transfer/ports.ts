import type { Bytes } from '../base/units.ts';
import type { Offer, Receipt, Verdict } from './messages.ts';

/**
 * What the transfer needs from a store, polled and never awaited: the same transfer runs over real files and over
 * memory. An owner whose answer was `undefined` and has changed calls the wake function it was created with.
 */

/** The content of one entry to send, read ahead by its owner. */
export interface Source {
  /** The next piece in order, handed over for good (the caller keeps the bytes); undefined: not ready, wake follows. */
  poll(): SourcePiece | undefined;
  /** Gives up what is open. Allowed at any time, any number of times. */
  close(): void;
}

export type SourcePiece =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** After the last byte: the size read and the SHA-256 of all of it. */
  | { readonly kind: 'end'; readonly size: Bytes; readonly digest: Uint8Array }
  /** The source cannot be finished: unreadable or changed while it was read. Nothing follows. */
  | { readonly kind: 'failed'; readonly code: number; readonly text: string };

/** One entry to send: its description, and how to open it once the receiver wants it. */
export interface OutgoingEntry {
  readonly offer: Omit<Offer, 'kind' | 'entry'>;
  open(wake: () => void): Source;
}

/** Where offered entries go. */
export interface Store {
  /** Begins one entry. Never throws: a refusal is the sink's verdict. */
  open(offer: Offer, wake: () => void): Sink;
}

/** The place of one incoming entry. Call order: verdict (until given), write*, then end or abort. */
export interface Sink {
  /** Accept, skip or refuse; undefined: not decided yet, wake follows. */
  verdict(): Omit<Verdict, 'kind' | 'entry'> | undefined;
  /** Takes the next bytes in order; the view is the sink's until they are counted in `taken`. */
  write(bytes: Uint8Array): void;
  /** Bytes of `write` that the disk has taken so far (or that were thrown away after a failure): grows, with wake. */
  taken(): Bytes;
  /** No more bytes: verify against the sender's size and digest, make durable, publish. */
  end(size: Bytes, digest: Uint8Array): void;
  /** The outcome: after `end`, or earlier when the store failed; undefined: not yet, wake follows. */
  receipt(): Omit<Receipt, 'kind' | 'entry'> | undefined;
  /** The entry will not be finished: nothing of it may be published. Allowed at any time, any number of times. */
  abort(): void;
}
