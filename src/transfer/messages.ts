import type { Bytes } from '../base/units.ts';

/** What the two sides of a transfer say to each other on the stream (PROTOCOL.md, section "Transfer messages"). */
export type Offer = {
  readonly kind: 'offer';
  readonly entry: number;
  readonly entryKind: 'file' | 'directory' | 'link';
  /** Undefined: not known in advance (a pipe). */
  readonly size: Bytes | undefined;
  /** Milliseconds since 1970; undefined: not given. */
  readonly mtime: number | undefined;
  /** Permission bits; undefined: not given. */
  readonly mode: number | undefined;
  /** The sender wants all of it sent: nothing left by an earlier transfer is gone on with. */
  readonly fresh: boolean;
  /** Path components as they came, not validated, UTF-8 supposed. */
  readonly path: readonly Uint8Array[];
  /** Target of a symbolic link; empty for other kinds. */
  readonly target: Uint8Array;
};
/** Early: of the first entry, and sent before its verdict was known. */
export type Content = {
  readonly kind: 'content' | 'early';
  readonly entry: number;
  /** Of the first of these bytes in the file. */
  readonly offset: Bytes;
  readonly bytes: Uint8Array;
};
export type End = { readonly kind: 'end'; readonly entry: number; readonly size: Bytes; readonly digest: Uint8Array };
export type Abort = {
  readonly kind: 'abort';
  readonly entry: number;
  readonly code: number;
  readonly text: Uint8Array;
};
/** Digests of whole chunks below the accepted offset, for the receiver to compare with what it has. */
export type Prefix = {
  readonly kind: 'prefix';
  readonly entry: number;
  /** Of the first of these chunks: a multiple of PREFIX_CHUNK. */
  readonly offset: Bytes;
  /** SHA-256 each, 1 to 64. */
  readonly digests: readonly Uint8Array[];
};
export type Done = { readonly kind: 'done'; readonly entries: number };
export type Verdict = {
  readonly kind: 'verdict';
  readonly entry: number;
  /** Compare: a file of that size is there, and only the digest is wanted. */
  readonly verdict: 'accept' | 'skip' | 'refuse' | 'compare';
  readonly code: number;
  /** The first byte wanted: 0, or a multiple of PREFIX_CHUNK when the receiver has what is before it. */
  readonly offset: Bytes;
  /** For people, UTF-8. */
  readonly text: Uint8Array;
};
/** The answer to a PREFIX: which of its chunks are to be sent all the same. */
export type Missing = {
  readonly kind: 'missing';
  readonly entry: number;
  readonly offset: Bytes;
  /** One for each digest of the PREFIX. */
  readonly isMissing: readonly boolean[];
};
export type Receipt = {
  readonly kind: 'receipt';
  readonly entry: number;
  /** 0: verified, durable, published. */
  readonly code: number;
  readonly size: Bytes;
  readonly digest: Uint8Array;
  readonly text: Uint8Array;
};

/** Every message that is gathered whole: all but content. */
export type ControlMessage = Offer | Prefix | End | Abort | Done | Verdict | Missing | Receipt;
/** The stream is not a sequence of messages, perhaps a pipe: its reader stops here. */
export type MalformedMessage = { readonly kind: 'malformed'; readonly reason: 'type' | 'length' | 'field' | 'pipe' };
/** What a reader of the stream gets; the content of one message may come in several pieces, each with its own offset. */
export type IncomingMessage = ControlMessage | Content | MalformedMessage;
