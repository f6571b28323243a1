import type { Millis } from '../base/units.ts';
import type { Accept } from '../wire/accept.ts';
import type { Session } from './session.ts';

/** Repeated HELLOs get at most so many more ACCEPTs a second. */
const REPEATS_PER_SECOND = 3;

/** A session that was offered in an ACCEPT and whose initiator has not been heard since. */
export class PendingSession {
  readonly session: Session;
  readonly accept: Omit<Accept, 'kind'>;
  readonly #since: Millis;
  #repeats = 0;

  constructor(now: Millis, session: Session, accept: Omit<Accept, 'kind'>) {
    this.session = session;
    this.accept = accept;
    this.#since = now;
  }

  /** A copy of the HELLO came: whether the same ACCEPT goes out again. */
  mayRepeat(now: Millis): boolean {
    const seconds = 1 + Math.floor((now - this.#since) / 1000);
    if (this.#repeats >= REPEATS_PER_SECOND * seconds) return false;
    this.#repeats++;
    return true;
  }

  /** The initiator was heard: a first round trip, unless it may answer any of several ACCEPTs (Karn). */
  sampleRtt(now: Millis): void {
    if (this.#repeats === 0) this.session.rtt.sample(now - this.#since, 0);
  }

  isOver(now: Millis): boolean {
    return now >= this.deadline;
  }

  /** A path that goes silent now costs no more than one that does so later: the same patience. */
  get deadline(): Millis {
    return this.#since + this.session.terms.idleTimeout;
  }
}
