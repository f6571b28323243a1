import type { Bytes, Millis } from '../base/units.ts';
import type { ListenerCounts } from '../session/listener-counts.ts';
import type { SessionStats } from '../session/stats.ts';

/** How far one incoming transfer is. */
export interface ReceiveProgress {
  readonly transfer: number;
  readonly peer: string;
  readonly name: string | undefined;
  readonly bytes: Bytes;
  /** Of those, the ones that are here from an earlier time, as far as is known. */
  readonly resumed: Bytes;
  /** Undefined: what is coming is a stream, and nobody knows how long it is. */
  readonly bytesTotal: Bytes | undefined;
  /** Since the transfer began. */
  readonly elapsed: Millis;
  /** Smoothed round trip; undefined before the first sample. */
  readonly srtt: Millis | undefined;
  readonly stats: SessionStats;
}

/** What a receiver did since it began to listen, beside its transfers. */
export interface ReceiveCounts extends Readonly<ListenerCounts> {
  /** Sessions held: established, beginning and closing. */
  readonly sessions: number;
  /** Of those, the ones that are beginning. */
  readonly pending: number;
}
