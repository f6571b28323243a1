import type { Millis, PacketNumber } from '../base/units.ts';
import { MAX_PACKET_NUMBER } from '../wire/limits.ts';

/** The last number for anything but CLOSEs: some copies, and an answer to every 2^n-th packet after them. */
export const LAST_PACKET_NUMBER: PacketNumber = MAX_PACKET_NUMBER - 64;

/** The process that closes waits for the last copy before it ends, so they follow each other closely. */
const MIN_SPACING: Millis = 5;
const MAX_SPACING: Millis = 20;

/** Between two of them: where packets were lost half a round trip, so that a run of losses does not take all. */
export function closeSpacing(lossRate: number, roundTrip: Millis): Millis {
  return lossRate > 0 ? Math.min(MAX_SPACING, Math.max(MIN_SPACING, roundTrip / 2)) : MIN_SPACING;
}

/**
 * How a side that closed says so: some copies spread over time, because nobody acknowledges a CLOSE, then one for every
 * 1st, 2nd, 4th, 8th... packet of a peer that did not hear (RFC 9000 section 10.2.1).
 */
export class Closing {
  readonly #spacing: Millis;
  readonly #until: Millis;
  #copiesLeft: number;
  #copyAt: Millis;
  #heard = 0;
  #answerDue = false;

  constructor(now: Millis, copies: number, spacing: Millis, linger: Millis) {
    this.#spacing = spacing;
    this.#copiesLeft = copies;
    this.#copyAt = now;
    this.#until = now + Math.max(linger, copies * spacing);
  }

  onPacket(): void {
    this.#heard++;
    if ((this.#heard & (this.#heard - 1)) === 0) this.#answerDue = true;
  }

  /** Whether a CLOSE goes out now; counts as sent. */
  poll(now: Millis): boolean {
    if (this.#copiesLeft > 0 && now >= this.#copyAt) {
      this.#copiesLeft--;
      this.#copyAt = now + this.#spacing;
      this.#answerDue = false;
      return true;
    }
    const due = this.#answerDue;
    this.#answerDue = false;
    return due;
  }

  /** All copies were sent: a process may end now. */
  get said(): boolean {
    return this.#copiesLeft === 0;
  }

  /** Not before every copy was sent, however late the clock was read: or a busy process would never be done. */
  isOver(now: Millis): boolean {
    return this.said && now >= this.#until;
  }

  get deadline(): Millis {
    return this.#copiesLeft > 0 ? this.#copyAt : this.#until;
  }
}
