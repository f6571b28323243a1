import type { Millis } from '../base/units.ts';
import { earliest } from './endpoint.ts';

/** Between tries while nothing is known of the path (RFC 8085 section 3.1.1). */
const INTERVAL: Millis = 1000;
/** Every try but the first is two datagrams this far apart: a single loss costs no second. */
const COPY_GAP: Millis = 50;
/** Between tries once a COOKIE has shown how long a round trip takes: so many of them, at least this long. */
const ROUND_TRIPS = 2;
const MIN_INTERVAL: Millis = 100;

/** When a HELLO goes out, and what its answers say about the path. */
export class HelloSchedule {
  #interval: Millis = INTERVAL;
  #nextAt: Millis;
  #copyAt: Millis | undefined;
  #tries = 0;
  /** When the only HELLO since the last answer left; undefined: there were several, so an answer is no sample (Karn). */
  #onlyAt: Millis | undefined;

  constructor(now: Millis) {
    this.#nextAt = now;
  }

  /** Whether a HELLO goes out now; counts as sent. */
  poll(now: Millis): boolean {
    const isCopy = this.#copyAt !== undefined && now >= this.#copyAt;
    if (!isCopy && now < this.#nextAt) return false;
    this.#onlyAt = this.#tries === 0 ? now : undefined;
    this.#tries++;
    if (isCopy) {
      this.#copyAt = undefined;
      return true;
    }
    if (this.#tries > 1) this.#copyAt = now + COPY_GAP;
    this.#nextAt = now + this.#interval;
    this.#interval = Math.min(2 * this.#interval, INTERVAL);
    return true;
  }

  /** A COOKIE came: the HELLO with it goes out at once, and again soon if need be. */
  onCookie(now: Millis): void {
    const roundTrip = this.roundTrip(now);
    if (roundTrip !== undefined) this.#interval = Math.min(INTERVAL, Math.max(MIN_INTERVAL, ROUND_TRIPS * roundTrip));
    this.#nextAt = now;
    this.#copyAt = undefined;
    this.#tries = 0;
  }

  /** How long the answer that came now took; undefined: it may answer any of several HELLOs. */
  roundTrip(now: Millis): Millis | undefined {
    return this.#onlyAt === undefined ? undefined : now - this.#onlyAt;
  }

  get deadline(): Millis | undefined {
    return earliest(this.#nextAt, this.#copyAt);
  }
}
