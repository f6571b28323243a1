import type { Bytes, Millis } from '../base/units.ts';
import type { UdpcpError } from '../errors.ts';
import type { SessionStats } from '../session/stats.ts';

/** A sending that lost its session and tries to get another. */
export interface Reconnecting {
  /** Counts the calls since the session was lost, from 1. */
  readonly attempt: number;
  /** How much longer it tries, of how long in all. */
  readonly left: Millis;
  readonly of: Millis;
}

/** How far a sending is. */
export interface SendProgress {
  /** The name being sent, printable; undefined before the first and after the last. */
  readonly name: string | undefined;
  /** Content that the receiver has acknowledged, or has from an earlier time; falls when a session is lost, by what has to be sent again. */
  readonly bytes: Bytes;
  /** Of those, the ones from an earlier time, as far as is known. */
  readonly resumed: Bytes;
  /** Undefined: a stream is among what is sent, and nobody knows how long it is. */
  readonly bytesTotal: Bytes | undefined;
  /** Files, directories and links whose outcome is known, and all of them. */
  readonly filesDone: number;
  readonly files: number;
  /** Undefined: there is a session, or the first one is being tried. */
  readonly reconnecting: Reconnecting | undefined;
  /** Of all sessions together; undefined before there is one. */
  readonly stats: SessionStats | undefined;
  readonly srtt: Millis | undefined;
}

/** A file that goes on where an earlier sending stopped. */
export interface SendResumption {
  /** As it was offered, printable. */
  readonly name: string;
  /** What the receiver has of it, as it says: it is compared while the rest is sent. */
  readonly resumedBytes: Bytes;
  readonly size: Bytes;
}

/** What is told of a sending whose session ended before it was complete. */
export type RetryEvent =
  /** `why` is what `sendFile` would have rejected with. */
  | { readonly kind: 'lost'; readonly why: UdpcpError; readonly retryFor: Millis }
  | ({ readonly kind: 'calling' } & Reconnecting)
  /** `reconnections` counts the sessions after the first. */
  | { readonly kind: 'connected'; readonly reconnections: number };
