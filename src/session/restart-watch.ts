import type { Millis } from '../base/units.ts';
import type { Session } from './session.ts';

/** Nobody is asked before a silence has lasted so long, and three probe timeouts. */
const SILENCE: Millis = 2000;
/** Between HELLOs until one was answered; then a probe timeout, at least so long. */
const INTERVAL: Millis = 1000;
const MIN_INTERVAL: Millis = 100;
/** PINGs that would have been answered if as many were as HELLOs: that none was is chance once in e^10 silences. */
const ENOUGH = 10;

/**
 * Finds out that the peer was started anew and knows nothing of the session (PROTOCOL.md, section "A restarted acceptor"):
 * HELLOs are answered, and the PINGs beside them are not.
 */
export class RestartWatch {
  readonly #session: Pick<Session, 'unansweredSince' | 'patience' | 'ping'>;
  /** Since when the silence lasts that all below is about. */
  #since: Millis | undefined;
  #nextAt: Millis = 0;
  /** The newest HELLO has no answer yet. */
  #isAsked = false;
  /** A HELLO was answered: the path works. What follows counts from then on. */
  #isBack = false;
  #hellos = 0;
  #answers = 0;
  #pings = 0;

  constructor(session: Pick<Session, 'unansweredSince' | 'patience' | 'ping'>) {
    this.#session = session;
  }

  /** Whether a HELLO without a cookie goes out now; counts as sent, and a PING goes with it. */
  poll(now: Millis): boolean {
    this.#follow();
    if (this.#since === undefined || now < this.#nextAt) return false;
    this.#nextAt = now + (this.#isBack ? Math.max(MIN_INTERVAL, this.#session.patience / 3) : INTERVAL);
    this.#isAsked = true;
    this.#hellos++;
    this.#ping();
    return true;
  }

  /** A COOKIE came. It may also be a late one. */
  onCookie(now: Millis): void {
    this.#follow();
    if (this.#since === undefined || !this.#isAsked) return;
    this.#isAsked = false;
    this.#answers++;
    if (!this.#isBack) {
      this.#isBack = true;
      this.#nextAt = now;
      this.#hellos = 0;
      this.#answers = 0;
      this.#pings = 0;
    }
    this.#ping();
  }

  /** To be asked before `poll`: the PINGs that count have had the time until the next HELLO. */
  isForgotten(now: Millis): boolean {
    this.#follow();
    const expected = this.#isBack && this.#hellos > 0 ? (this.#pings * this.#answers) / this.#hellos : 0;
    return this.#since !== undefined && now >= this.#nextAt && expected >= ENOUGH;
  }

  get deadline(): Millis | undefined {
    this.#follow();
    return this.#since === undefined ? undefined : this.#nextAt;
  }

  #ping(): void {
    this.#pings++;
    this.#session.ping();
  }

  /** Every silence is looked into anew. */
  #follow(): void {
    const since = this.#session.unansweredSince;
    if (since === this.#since) return;
    this.#since = since;
    if (since === undefined) return;
    this.#nextAt = since + Math.max(SILENCE, this.#session.patience);
    this.#isAsked = false;
    this.#isBack = false;
  }
}
