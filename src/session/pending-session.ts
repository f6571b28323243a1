import type { Millis } from '../base/units.ts';
import { INITIAL_RTO } from '../recovery/constants.ts';
import type { Accept } from '../wire/accept.ts';
import { networkOf } from './network.ts';
import type { Session } from './session.ts';

/** Repeated HELLOs get at most so many more ACCEPTs a second. */
const REPEATS_PER_SECOND = 3;

/** A session that was offered in an ACCEPT and whose initiator has not been heard since. */
export class PendingSession {
  readonly session: Session;
  /** Its initiator: the address and the id that it chose. */
  readonly caller: string;
  /** Whom that address belongs to. */
  readonly host: string;
  readonly accept: Omit<Accept, 'kind'>;
  readonly #since: Millis;
  #repeats = 0;
  /** Of the second, counted from the first ACCEPT, in which the newest repetition was asked for. */
  #second = 0;
  #repeatsOfSecond = 0;

  constructor(now: Millis, session: Session, caller: string, accept: Omit<Accept, 'kind'>) {
    this.session = session;
    this.caller = caller;
    this.host = networkOf(session.peer);
    this.accept = accept;
    this.#since = now;
  }

  /** A copy of the HELLO came: whether the same ACCEPT goes out again. */
  mayRepeat(now: Millis): boolean {
    const second = Math.floor((now - this.#since) / 1000);
    if (second > this.#second) {
      this.#second = second;
      this.#repeatsOfSecond = 0;
    }
    if (this.#repeatsOfSecond >= REPEATS_PER_SECOND) return false;
    this.#repeatsOfSecond++;
    this.#repeats++;
    return true;
  }

  /** The initiator was heard: a first round trip, unless either side may have said it more than once (Karn). */
  sampleRtt(now: Millis): void {
    const elapsed = now - this.#since;
    if (this.#repeats === 0 && elapsed < INITIAL_RTO) this.session.rtt.sample(elapsed, 0);
  }

  isOver(now: Millis): boolean {
    return now >= this.deadline;
  }

  /** A path that goes silent now costs no more than one that does so later: the same patience. */
  get deadline(): Millis {
    return this.#since + this.session.terms.idleTimeout;
  }
}
