import type { Millis } from '../base/units.ts';
import { earliest } from './endpoint.ts';

/** Keeps address translators' bindings alive, not more often than RFC 8085 section 3.5 allows. */
const MAX_KEEP_ALIVE: Millis = 15_000;

/** Notices that the peer is gone, and asks before that whether it is. */
export class Liveness {
  readonly #idleTimeout: Millis;
  readonly #interval: Millis;
  #heardAt: Millis;
  #askAt: Millis;

  constructor(now: Millis, idleTimeout: Millis) {
    this.#idleTimeout = idleTimeout;
    this.#interval = Math.min(MAX_KEEP_ALIVE, idleTimeout / 3);
    this.#heardAt = now;
    this.#askAt = now + this.#interval;
  }

  get heardAt(): Millis {
    return this.#heardAt;
  }

  onHeard(now: Millis): void {
    this.#heardAt = now;
    this.#askAt = now + this.#interval;
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

  get deadline(): Millis | undefined {
    return earliest(this.#askAt, this.#heardAt + this.#idleTimeout);
  }

  get idleDeadline(): Millis {
    return this.#heardAt + this.#idleTimeout;
  }
}
