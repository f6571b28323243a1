import { RangeSet } from '../base/range-set.ts';
import type { Millis, PacketNumber } from '../base/units.ts';
import type { PacketRange } from '../wire/ack-frame.ts';

/** Most ranges kept and sent: an ACK stays small, and every range is repeated in many ACKs. */
const MAX_RANGES = 32;

/** What an ACK frame says about packets. */
export interface AckReport {
  readonly largest: PacketNumber;
  readonly ackDelay: Millis;
  readonly ranges: readonly PacketRange[];
}

/** The receiving half of reliability: which packets came, and when that has to be said. */
export class AckTracker {
  readonly #received = new RangeSet();
  readonly #ackEvery: number;
  readonly #maxAckDelay: Millis;
  #largestAt: Millis = 0;
  #unacknowledged = 0;
  #dueAt: Millis | undefined;

  /** An ACK is due with the `ackEvery`-th ack-eliciting packet, or `maxAckDelay` after the first. */
  constructor(ackEvery: number, maxAckDelay: Millis) {
    this.#ackEvery = ackEvery;
    this.#maxAckDelay = maxAckDelay;
  }

  /** When an ACK has to be sent; undefined: nothing to say. */
  get dueAt(): Millis | undefined {
    return this.#received.isEmpty ? undefined : this.#dueAt;
  }

  /** An accepted packet. `urgent`: its sender waits for the answer. */
  onAccepted(now: Millis, number: PacketNumber, ackEliciting: boolean, urgent: boolean): void {
    const end = this.#received.end;
    const inOrder = end === undefined || number === end;
    this.#received.add(number, number + 1);
    if (this.#received.size > MAX_RANGES) {
      const oldest = this.#received.at(0);
      if (oldest !== undefined) this.#received.remove(oldest.start, oldest.end);
    }
    if (end === undefined || number >= end) this.#largestAt = now;
    if (!ackEliciting) return;
    this.#unacknowledged++;
    // RFC 9000 section 13.2.1: at once when packets came out of order, so that the sender learns of a loss early.
    if (urgent || !inOrder || this.#unacknowledged >= this.#ackEvery) this.#dueAt = now;
    else this.#dueAt ??= now + this.#maxAckDelay;
  }

  /** A packet that was not kept, or came twice: the sender has to hear again what did arrive. */
  onRejected(now: Millis): void {
    this.#dueAt = now;
  }

  /** What to say now; undefined before the first packet. Counts as said. */
  report(now: Millis): AckReport | undefined {
    const end = this.#received.end;
    if (end === undefined) return undefined;
    const ranges: PacketRange[] = [];
    for (let i = this.#received.size - 1; i >= 0; i--) ranges.push(this.#received.at(i) as PacketRange);
    this.#unacknowledged = 0;
    this.#dueAt = undefined;
    return { largest: end - 1, ackDelay: now - this.#largestAt, ranges };
  }
}
