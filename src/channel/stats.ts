import type { Bytes } from '../base/units.ts';
import type { DropCause } from './verdict.ts';

/** What one direction has done so far; plain numbers, ready to print. */
export interface ChannelStats {
  readonly datagramsIn: number;
  readonly bytesIn: Bytes;
  /** Came out, duplicates included. */
  readonly datagramsDelivered: number;
  readonly bytesDelivered: Bytes;
  /** Datagrams of which nothing comes out, by cause. */
  readonly lost: Readonly<Record<DropCause, number>>;
  /** Copies made beyond the first. */
  readonly duplicated: number;
  /** Copies with at least one flipped bit. */
  readonly corrupted: number;
  /** Copies cut short. */
  readonly truncated: number;
  /** Datagrams that came out after one pushed later; late duplicates do not count (RFC 4737 section 3). */
  readonly reordered: number;
  /** Inside now. */
  readonly held: number;
  /** Most bytes that ever waited at the bottleneck; 0 without a rate, and in a replay. */
  readonly maxQueue: Bytes;
}

/** The counters a channel keeps itself, all zero. */
export interface ChannelCounters {
  datagramsIn: number;
  bytesIn: Bytes;
  datagramsDelivered: number;
  bytesDelivered: Bytes;
  readonly lost: Record<DropCause, number>;
  duplicated: number;
  corrupted: number;
  truncated: number;
  reordered: number;
}

export function emptyCounters(): ChannelCounters {
  return {
    datagramsIn: 0,
    bytesIn: 0,
    datagramsDelivered: 0,
    bytesDelivered: 0,
    lost: { 'drop-list': 0, blackout: 0, mtu: 0, loss: 0, burst: 0, queue: 0 },
    duplicated: 0,
    corrupted: 0,
    truncated: 0,
    reordered: 0,
  };
}
