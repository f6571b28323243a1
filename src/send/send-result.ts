import type { Bytes, Millis } from '../base/units.ts';
import type { ChannelStats } from '../channel/stats.ts';
import type { SessionSecurity } from '../security.ts';
import type { SessionTerms } from '../session/session-terms.ts';
import type { SessionStats } from '../session/stats.ts';
import type { LeftOut } from '../store/outgoing/left-out.ts';
import type { EntryOutcome } from '../transfer/outcome.ts';

/** What became of one file, directory or link. */
export interface SentFile {
  /** The path as it was given, or as it begins with what was given; a stream's name. */
  readonly path: string;
  /** As it was offered, printable: its name at the receiver unless that numbers it. */
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'link';
  readonly status: EntryOutcome['status'] | 'unknown';
  /** A transfer code (PROTOCOL.md), 0 when stored. */
  readonly code: number;
  /** Why, printable; empty when stored. */
  readonly text: string;
  readonly size: Bytes | undefined;
  /** SHA-256 in hexadecimal, when stored. */
  readonly sha256: string | undefined;
  /** Of a stored file: bytes that the receiver had before, so that they were not sent. */
  readonly resumedBytes: Bytes;
  /** All of it was stored before, under its name. */
  readonly alreadyThere: boolean;
}

/** What a sending came to. */
export interface SendResult {
  readonly files: readonly SentFile[];
  /** What of the named directories was not sent. */
  readonly leftOut: readonly LeftOut[];
  /** Sessions after the first: how often one was lost and another one took over. */
  readonly reconnections: number;
  /** From the first HELLO to the last receipt. */
  readonly elapsed: Millis;
  /** Of the last session, as is what follows; undefined: none came about. */
  readonly terms: SessionTerms | undefined;
  readonly security: SessionSecurity | undefined;
  /** The largest datagram that the path was found to carry, in bytes of UDP payload. */
  readonly datagramSize: Bytes | undefined;
  /** Of all sessions together. */
  readonly stats: SessionStats | undefined;
  readonly srtt: Millis | undefined;
  /** Undefined: no channel was asked for. */
  readonly channel: { readonly out: ChannelStats; readonly in: ChannelStats } | undefined;
}
