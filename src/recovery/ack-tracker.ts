import { RangeSet } from '../base/range-set.ts';
import type { Millis, PacketNumber } from '../base/units.ts';
import type { PacketRange } from '../wire/ack-frame.ts';
import type { AckPace } from './ack-pace.ts';

/** Most ranges kept and sent: an ACK stays small, and every range is repeated in many ACKs. */
const MAX_RANGES = 32;
/** After a packet out of order so many are watched: a loss shows itself to the sender by the third packet after it. */
const WATCHED_PACKETS = 4;
/** Meanwhile an ACK answers so many, or steady loss and reordering would be answered packet by packet. */
const WATCHED_PACKETS_PER_ACK = 2;

/** What an ACK frame says about packets. */
export interface AckReport {
  readonly largest: PacketNumber;
  readonly ackDelay: Millis;
  readonly ranges: readonly PacketRange[];
}

/** The receiving half of reliability: which packets came, and when that has to be said. */
export class AckTracker {
  readonly #received = new RangeSet();
  readonly #pace: AckPace | number;
  readonly #maxAckDelay: Millis;
  #largestAt: Millis = 0;
  #unacknowledged = 0;
  /** Packets left to watch, because one came out of order. */
  #watched = 0;
  #dueAt: Millis | undefined;

  /**
   * An ACK is due with every so many ack-eliciting packets, `maxAckDelay` after the first, and with every packet out of
   * order. A pace adapts all three to the path.
   */
  constructor(pace: AckPace | number, maxAckDelay: Millis) {
    this.#pace = pace;
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
    if (ackEliciting) this.#ask(now, inOrder, urgent);
  }

  /** A packet that was not kept, or came twice: the sender has to hear again what did arrive. */
  onRejected(now: Millis): void {
    this.#ask(now, false, false);
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

  /** RFC 9000 section 13.2.1: at once when packets come out of order, so that the sender learns of a loss early. */
  #ask(now: Millis, inOrder: boolean, urgent: boolean): void {
    this.#unacknowledged++;
    const pace = this.#pace;
    if (typeof pace === 'number') {
      if (urgent || !inOrder || this.#unacknowledged >= pace) this.#dueAt = now;
      else this.#dueAt ??= now + this.#maxAckDelay;
      return;
    }
    pace.onPacket(now);
    const isNews = !inOrder && this.#watched === 0;
    if (!inOrder) this.#watched = WATCHED_PACKETS;
    const packets = this.#watched > 0 ? WATCHED_PACKETS_PER_ACK : pace.packets;
    if (inOrder && this.#watched > 0) this.#watched--;
    if (urgent || isNews || this.#unacknowledged >= packets) this.#dueAt = now;
    else this.#dueAt ??= now + pace.delay;
  }
}
