import type { Bytes } from '../base/units.ts';

const MIB: Bytes = 1024 * 1024;

/** What the sessions of one listener may be promised together. */
const DEFAULT_TOTAL: Bytes = 256 * MIB;
/** What every session may have however little is left, so that none starves. */
const FLOOR: Bytes = MIB;

/**
 * The memory that the sessions of one listener share for what their peers send. A session may have no more than it leaves
 * free: one rule for all, so that the early cannot keep the late out, and hungry ones end up with equal shares (the
 * dynamic threshold of Choudhury and Hahne). Those that are above it shrink as their bytes are taken.
 */
export class CreditBudget {
  readonly #total: Bytes;
  #promised: Bytes = 0;

  constructor(total: Bytes = DEFAULT_TOTAL) {
    this.#total = total;
  }

  /** A share that nobody else has a part in. */
  static alone(initial: Bytes, most: Bytes): CreditShare {
    return new CreditBudget(Number.MAX_SAFE_INTEGER).open(initial, most);
  }

  /** Everything that sessions were promised: at most the total, and a floor for each that came when that was gone. */
  get promised(): Bytes {
    return this.#promised;
  }

  /** A share for a session that begins with `initial` bytes if there are so many, and never has more than `most`. */
  open(initial: Bytes, most: Bytes): CreditShare {
    return new CreditShare(this, initial, Math.max(initial, most));
  }

  /** The most that a session with a share of `own` may have now. */
  limit(own: Bytes): Bytes {
    return Math.max(FLOOR, Math.floor((this.#total - this.#promised + own) / 2));
  }

  /** A share became so much larger, or smaller. */
  onResized(by: Bytes): void {
    this.#promised += by;
  }
}

/** What one session may be promised. */
export class CreditShare {
  readonly #budget: CreditBudget;
  readonly #most: Bytes;
  #promised: Bytes = 0;

  constructor(budget: CreditBudget, initial: Bytes, most: Bytes) {
    this.#budget = budget;
    this.#most = most;
    this.promise(Math.min(initial, budget.limit(0)));
  }

  /** Bytes that the peer may send now, and those that it sent and that still take memory. */
  get promised(): Bytes {
    return this.#promised;
  }

  /** The largest window there may be now. */
  get limit(): Bytes {
    return Math.min(this.#most, this.#budget.limit(this.#promised));
  }

  promise(bytes: Bytes): void {
    this.#budget.onResized(bytes - this.#promised);
    this.#promised = bytes;
  }

  /** The session is over. */
  close(): void {
    this.promise(0);
  }
}
