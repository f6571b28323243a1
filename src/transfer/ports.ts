import type { Bytes, Millis } from '../base/units.ts';
import type { Offer, Receipt, Verdict } from './messages.ts';

/**
 * What the transfer needs from a store, polled and never awaited: the same transfer runs over real files and over
 * memory. An owner whose answer was `undefined` and has changed calls the wake function it was created with.
 */

/** The content of one entry to send, read ahead by its owner. */
export interface Source {
  /** The next piece, handed over until `reuse` gives its bytes back, or for good; undefined: not ready, wake follows. */
  poll(): SourcePiece | undefined;
  /**
   * The receiver's answer to the oldest `prefix` piece that had none: whether it lacks each chunk. The content of those
   * comes as more pieces, in order of offsets among themselves.
   */
  resend(offset: Bytes, isMissing: readonly boolean[]): void;
  /** The bytes of a piece arrived, all of them: their memory may be used again, if the source likes. Also after `close`. */
  reuse?(bytes: Uint8Array): void;
  /** Gives up what is open. Allowed at any time, any number of times. */
  close(): void;
}

export type SourcePiece =
  /** In order from the wanted offset on; beside them chunks to send again, each whole in pieces that stay within it. */
  | { readonly kind: 'bytes'; readonly offset: Bytes; readonly bytes: Uint8Array }
  /**
   * SHA-256 of 1 to MAX_PREFIX_CHUNKS whole chunks (PREFIX_CHUNK) below the wanted offset, in order from offset 0 to
   * that. Given only while fewer than MAX_UNANSWERED_PREFIXES have no answer yet.
   */
  | { readonly kind: 'prefix'; readonly offset: Bytes; readonly digests: readonly Uint8Array[] }
  /** After the last byte and the last answer to a prefix: the size read and the SHA-256 of all of it. */
  | { readonly kind: 'end'; readonly size: Bytes; readonly digest: Uint8Array }
  /** The source cannot be finished: unreadable or changed while it was read. Nothing follows. */
  | { readonly kind: 'failed'; readonly code: number; readonly text: string };

/** What of an entry the receiver wants. */
export type Wanted =
  /** Content from this offset on, and above 0 also digests of the chunks before it: it has those from an earlier time. */
  | { readonly kind: 'content'; readonly from: Bytes }
  /** Only size and digest: it has a complete file of that size. */
  | { readonly kind: 'digest' };

/** One entry to send: its description, and how to open it once the receiver wants it. */
export interface OutgoingEntry {
  readonly offer: Omit<Offer, 'kind' | 'entry'>;
  open(wanted: Wanted, wake: () => void): Source;
}

/** Whoever sends an entry, as the store sees it: two may want the same place. */
export interface Owner {
  /** When its peer was last heard: changes whenever it is. */
  readonly heardAt: Millis;
  /** Asks the peer for a sign of life. */
  ping(): void;
  /** Ends its transfer: a newer one goes on with what it began. Its sinks are aborted in a later turn. */
  replace(): void;
}

/** Where offered entries go. */
export interface Store {
  /** Begins one entry. Never throws: a refusal is the sink's verdict. */
  open(offer: Offer, wake: () => void, owner: Owner): Sink;
  /** A transfer has ended; whole: all that it offered is stored, or was not wanted. */
  over?(owner: Owner, isWhole: boolean): void;
}

/**
 * The place of one incoming entry. Call order: verdict (until given), then write and compare, then end or abort. No
 * content follows a verdict `compare`, only the end.
 */
export interface Sink {
  /** Accept, compare, skip or refuse; undefined: not decided yet, wake follows. */
  verdict(): Omit<Verdict, 'kind' | 'entry'> | undefined;
  /**
   * Takes content: from the accepted offset on in order, or of a chunk that `differing` named. The view is the sink's
   * until it is counted in `taken`.
   */
  write(bytes: Uint8Array, offset: Bytes): void;
  /** The SHA-256 of the sender's chunks (PREFIX_CHUNK) from `offset` on, all below the accepted offset. */
  compare(offset: Bytes, digests: readonly Uint8Array[]): void;
  /** The answer to the oldest `compare` that had none, given once: whether each chunk differs; undefined: not known yet, wake follows. */
  differing(): { readonly offset: Bytes; readonly isMissing: readonly boolean[] } | undefined;
  /** Bytes of `write`, in the order of its calls, that the disk has taken or that were thrown away: grows, with wake. */
  taken(): Bytes;
  /** No more bytes: verify against the sender's size and digest, make durable, publish. */
  end(size: Bytes, digest: Uint8Array): void;
  /** The outcome: after `end`, or earlier when the store failed; undefined: not yet, wake follows. */
  receipt(): Omit<Receipt, 'kind' | 'entry'> | undefined;
  /** The entry will not be finished: nothing of it may be published. Allowed at any time, any number of times. */
  abort(): void;
}
