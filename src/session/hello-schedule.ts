import type { Millis } from '../base/units.ts';
import { earliest } from './endpoint.ts';

/** Between tries while nothing is known of the path (RFC 8085 section 3.1.1). */
const INTERVAL: Millis = 1000;
/**
 * Until the copy of the very first HELLO, if no answer came before: a single loss costs this and no second. It is not a
 * faster timeout: the two are all that leaves in the first second, less than the window any sender may begin with
 * (RFC 8085 section 3.1.2, RFC 6928), and most paths have answered by then (RFC 8305 section 5 waits as long).
 */
const FIRST_COPY_GAP: Millis = 250;
/** Every later try is two datagrams this far apart, for the same reason. */
const COPY_GAP: Millis = 50;
/** Between tries once a COOKIE has shown how long a round trip takes: so many of them, at least this long. */
const ROUND_TRIPS = 2;
const MIN_INTERVAL: Millis = 100;

/** When a HELLO goes out, and what its answers say about the path. */
export class HelloSchedule {
  #interval: Millis = INTERVAL;
  #nextAt: Millis;
  #copyAt: Millis | undefined;
  #hasCookie = false;
  #isBusy = false;
  #lastAt: Millis = 0;
  /** HELLOs since the last answer, and when the first of them left. */
  #tries = 0;
  #firstAt: Millis | undefined;

  constructor(now: Millis) {
    this.#nextAt = now;
  }

  /** Whether a HELLO goes out now; counts as sent. */
  poll(now: Millis): boolean {
    const isCopy = this.#copyAt !== undefined && now >= this.#copyAt;
    if (!isCopy && now < this.#nextAt) return false;
    this.#lastAt = now;
    if (this.#tries === 0) this.#firstAt = now;
    this.#tries++;
    if (isCopy) {
      this.#copyAt = undefined;
      return true;
    }
    if (this.#isBusy) this.#copyAt = undefined;
    else if (this.#tries > 1) this.#copyAt = now + COPY_GAP;
    else if (!this.#hasCookie) this.#copyAt = now + FIRST_COPY_GAP;
    this.#nextAt = now + this.#interval;
    this.#interval = Math.min(2 * this.#interval, INTERVAL);
    return true;
  }

  /** A COOKIE came: the HELLO with it goes out at once, and again soon if need be. */
  onCookie(now: Millis): void {
    // Whichever HELLO it answers, the round trip was no longer than this: enough for a timeout, though no sample.
    const longest = now - (this.#firstAt ?? now - INTERVAL);
    this.#interval = Math.min(INTERVAL, Math.max(MIN_INTERVAL, ROUND_TRIPS * longest));
    this.#nextAt = now;
    this.#copyAt = undefined;
    this.#hasCookie = true;
    this.#tries = 0;
  }

  /**
   * The acceptor says that it has no room: the path works, and a crowd that asks again and again keeps it from making
   * some. Counts from the last HELLO, so that no number of forged refusals puts the next one off further.
   */
  onBusy(): void {
    this.#isBusy = true;
    this.#interval = INTERVAL;
    this.#copyAt = undefined;
    this.#nextAt = this.#lastAt + INTERVAL;
  }

  /** How long the answer that came now took; undefined: it may answer any of several HELLOs (Karn). */
  roundTrip(now: Millis): Millis | undefined {
    return this.#tries === 1 && this.#firstAt !== undefined ? now - this.#firstAt : undefined;
  }

  get deadline(): Millis | undefined {
    return earliest(this.#nextAt, this.#copyAt);
  }
}
