import type { Bytes, Millis } from '../base/units.ts';

/** Why a datagram was lost; `mtu`: too large; `queue`: no room at the bottleneck, or in the channel itself. */
export const DROP_CAUSES = ['drop-list', 'blackout', 'mtu', 'loss', 'burst', 'queue'] as const;
export type DropCause = (typeof DROP_CAUSES)[number];

/** Most copies of one datagram that come out: the original and one duplicate. */
export const MAX_COPIES = 2;

/** One copy that comes out of the channel. */
export interface Copy {
  /** From entering the channel to leaving it, everything included. */
  readonly delay: Millis;
  /** Only this many bytes from the front are kept; no effect at or above the datagram's size. */
  readonly cut?: Bytes;
  /** Bits to invert; bit 0 is the most significant bit of byte 0. Bits beyond what is kept have no effect. */
  readonly flips?: readonly number[];
}

/** What happens to one datagram. No copies: it is lost, for the cause. */
export interface Verdict {
  readonly cause?: DropCause;
  readonly copies: readonly Copy[];
}

/** Delivered at once, whole, and once. */
export const UNTOUCHED: Verdict = { copies: [{ delay: 0 }] };

/** Says what happens to the datagrams of one direction, asked once for each in order. */
export interface Judge {
  /** Most bytes that ever waited at the bottleneck; 0 without one. */
  readonly maxQueue: Bytes;
  /** `full`: the channel has no room, so the datagram is lost whatever else would have happened to it. */
  judge(now: Millis, index: number, size: Bytes, full: boolean): Verdict;
}
