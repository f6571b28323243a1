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
  /** Path components as they came, not validated, UTF-8 supposed. */
  readonly path: readonly Uint8Array[];
  /** Target of a symbolic link; empty for other kinds. */
  readonly target: Uint8Array;
};
export type Content = {
  readonly kind: 'content';
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
export type Done = { readonly kind: 'done'; readonly entries: number };
export type Verdict = {
  readonly kind: 'verdict';
  readonly entry: number;
  readonly verdict: 'accept' | 'skip' | 'refuse';
  readonly code: number;
  /** The first byte wanted, 0 without resume. */
  readonly offset: Bytes;
  /** For people, UTF-8. */
  readonly text: Uint8Array;
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
export type ControlMessage = Offer | End | Abort | Done | Verdict | Receipt;
/** The stream is not a sequence of messages: its reader stops here. */
export type MalformedMessage = { readonly kind: 'malformed'; readonly reason: 'type' | 'length' | 'field' };
/** What a reader of the stream gets; the content of one message may come in several pieces, each with its own offset. */
export type IncomingMessage = ControlMessage | Content | MalformedMessage;
