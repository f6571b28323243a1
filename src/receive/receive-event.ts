import type { Bytes, Millis } from '../base/units.ts';
import { printable } from '../printable.ts';
import type { SessionSecurity } from '../security.ts';
import type { SessionStats } from '../session/stats.ts';
import { transferCodeWords } from '../transfer/codes.ts';
import type { EntryOutcome } from '../transfer/outcome.ts';
import type { IncomingEnd } from '../transfer/receiver.ts';

/** What happened at a receiver; all text is printable. */
export type ReceiveEvent =
  | {
      readonly kind: 'started';
      readonly transfer: number;
      readonly peer: string;
      readonly security: SessionSecurity;
    }
  /** A file goes on where an earlier transfer stopped. */
  | {
      readonly kind: 'resuming';
      readonly transfer: number;
      readonly peer: string;
      readonly name: string;
      readonly resumedBytes: Bytes;
      readonly size: Bytes;
    }
  | { readonly kind: 'file'; readonly transfer: number; readonly peer: string; readonly file: ReceivedFile }
  | {
      readonly kind: 'ended';
      readonly transfer: number;
      readonly peer: string;
      readonly end: IncomingEnd['kind'];
      /** Why it ended early; empty otherwise. */
      readonly text: string;
      readonly stored: number;
      /** Of those, the ones that were here before. */
      readonly alreadyThere: number;
      /** Files that were refused or failed. */
      readonly failed: number;
      /** Content that came, and content that was here before. */
      readonly bytes: Bytes;
      readonly resumedBytes: Bytes;
      readonly elapsed: Millis;
      readonly security: SessionSecurity;
      readonly stats: SessionStats;
    };

/** What became of one offered file. */
export interface ReceivedFile {
  /** As it was offered. */
  readonly name: string;
  readonly status: EntryOutcome['status'];
  /** A transfer code (PROTOCOL.md), 0 when stored. */
  readonly code: number;
  readonly text: string;
  readonly size: Bytes | undefined;
  /** SHA-256 in hexadecimal, when stored. */
  readonly sha256: string | undefined;
  /** Of a stored file: bytes that were here before. */
  readonly resumedBytes: Bytes;
  /** All of it was stored before, under its name. */
  readonly alreadyThere: boolean;
}

/** A path as it was offered, printable. */
export function nameOf(path: readonly Uint8Array[]): string {
  return path.map((component) => printable(component)).join('/');
}

/** What is told of an entry. */
export function fileOf({
  offer,
  status,
  code,
  text,
  size,
  digest,
  resumed: resumedBytes,
  alreadyThere,
}: EntryOutcome & { offer: { path: readonly Uint8Array[] } }): ReceivedFile {
  const sha256 = digest && Buffer.from(digest).toString('hex');
  const words = printable(text) || transferCodeWords(code);
  return { name: nameOf(offer.path), status, code, text: words, size, sha256, resumedBytes, alreadyThere };
}

/** Why a transfer ended early; empty otherwise. */
export function wordsOf(end: IncomingEnd): string {
  switch (end.kind) {
    case 'complete':
      return '';
    case 'silence':
      return 'the sender fell silent';
    case 'cancelled':
      return 'stopped here';
    case 'no-progress':
      return 'the sender made no progress';
    case 'replaced':
      return 'it had fallen silent, and a newer sender goes on with the same file';
    case 'closed-by-peer':
      return printable(end.reason, { max: 200 }) || `the sender closed the session (code ${end.code})`;
    case 'violation':
      return `the sender broke the protocol: ${printable(end.text)}`;
  }
}
