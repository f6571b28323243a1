import type { Millis } from '../base/units.ts';
import { earliest } from './endpoint.ts';

/** Keeps address translators' bindings alive, not more often than RFC 8085 section 3.5 allows. */
const MAX_KEEP_ALIVE: Millis = 15_000;

/** How long whoever slept through the idle timeout waits for a word: its peer has most likely given it up. */
const AWAKENED_PATIENCE: Millis = 5000;

/** Notices that the peer is gone, and asks before that whether it is. */
export class Liveness {
  readonly #idleTimeout: Millis;
  readonly #interval: Millis;
  #heardAt: Millis;
  #askAt: Millis;
  /** Since when the peer owes us an answer. */
  #unansweredSince: Millis | undefined;
  /** We could not ask, nor say that we are here, for as long as a peer is patient. */
  #slept = false;

  constructor(now: Millis, idleTimeout: Millis) {
    this.#idleTimeout = idleTimeout;
    this.#interval = Math.min(MAX_KEEP_ALIVE, idleTimeout / 3);
    this.#heardAt = now;
    this.#askAt = now + this.#interval;
  }

  get heardAt(): Millis {
    return this.#heardAt;
  }

  /** The first packet left that asks for an answer since a packet of the peer came; undefined: none did. */
  get unansweredSince(): Millis | undefined {
    return this.#unansweredSince;
  }

  /** A packet left that asks for an answer. */
  onAsked(now: Millis): void {
    this.#unansweredSince ??= now;
  }

  onHeard(now: Millis): void {
    this.#slept ||= this.#isFarTooLate(now); // then it may have been said long ago
    this.#heardAt = now;
    this.#unansweredSince = undefined;
    this.#askAt = now + this.#interval;
  }

  /**
   * To be called first when time has passed, after what arrived meanwhile. Whoever was suspended asks at once, and
   * neither takes its own sleep for the peer's silence nor what waited for it for a sign of life.
   */
  noticeSleep(now: Millis): void {
    if (!this.#slept && !this.#isFarTooLate(now)) return;
    this.#slept = false;
    this.#heardAt = now - this.#idleTimeout + Math.min(this.#idleTimeout, AWAKENED_PATIENCE);
    this.#askAt = now;
  }

  /** A PING is due: asking again comes an interval later. */
  pollKeepAlive(now: Millis): boolean {
    if (now < this.#askAt) return false;
    this.#askAt = now + this.#interval;
    return true;
  }

  isDead(now: Millis): boolean {
    return now >= this.#heardAt + this.#idleTimeout;
  }

  #isFarTooLate(now: Millis): boolean {
    return now >= this.#askAt + this.#idleTimeout - this.#interval;
  }

  get deadline(): Millis | undefined {
    return earliest(this.#askAt, this.#heardAt + this.#idleTimeout);
  }

  get idleDeadline(): Millis {
    return this.#heardAt + this.#idleTimeout;
  }
}
