import type { Bytes, Millis } from '../base/units.ts';
import type { DropCause, Verdict } from './verdict.ts';

/** A verdict in the making, of one datagram; it passes through the impairments in turn. */
export class Draft {
  readonly now: Millis;
  /** Counted from 0 in this direction. */
  readonly index: number;
  readonly size: Bytes;
  #cause: DropCause | undefined;
  /** Each impairment may alter these in place. Empty: lost. */
  copies: DraftCopy[] = [{ delay: 0 }];

  constructor(now: Millis, index: number, size: Bytes) {
    this.now = now;
    this.index = index;
    this.size = size;
  }

  /** Loses the datagram; the first cause counts. */
  drop(cause: DropCause): void {
    this.#cause ??= cause;
    this.copies = [];
  }

  toVerdict(): Verdict {
    return this.#cause === undefined ? { copies: this.copies } : { cause: this.#cause, copies: [] };
  }
}

/** As `Copy` in verdict.ts, while it may still change. */
export interface DraftCopy {
  delay: Millis;
  cut?: Bytes;
  flips?: readonly number[];
}

/**
 * One thing that goes wrong on the way. It draws from a random stream of its own, and the same number of values for
 * every datagram whatever comes of it: so that one impairment, or the protocol above, may change without shifting
 * what another does to the k-th datagram (common random numbers).
 */
export interface Impairment {
  apply(draft: Draft): void;
}
