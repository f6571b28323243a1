import type { Millis } from '../base/units.ts';
import type { Session } from './session.ts';

/** Nobody is asked before a silence has lasted so long, and three probe timeouts. */
const SILENCE: Millis = 2000;
/** Between HELLOs until one was answered; then a probe timeout, at least so long. */
const INTERVAL: Millis = 1000;
const MIN_INTERVAL: Millis = 100;
/** The restart is believed when chance would be behind such counts so rarely. */
const DOUBT = 1e-6;

/**
 * Finds out that the peer was started anew and knows nothing of the session (PROTOCOL.md, section "A restarted acceptor"):
 * HELLOs are answered, and the PINGs beside them are not. The test is Fisher's, exact whatever the path loses: if all were
 * as likely to be answered, the answers would not all be to HELLOs.
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
  /** One more left since the last HELLO: it counts once it has had its time. */
  #isPingYoung = false;

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
    this.#pings += this.#isPingYoung ? 2 : 1;
    this.#isPingYoung = false;
    this.#session.ping();
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
    this.#isPingYoung = true;
    this.#session.ping();
  }

  /** To be asked before `poll`: the PINGs that count have had the time until the next HELLO. */
  isForgotten(now: Millis): boolean {
    this.#follow();
    if (this.#since === undefined || !this.#isBack || this.#hellos === 0 || now < this.#nextAt) return false;
    return (this.#hellos / (this.#hellos + this.#pings)) ** this.#answers <= DOUBT;
  }

  get deadline(): Millis | undefined {
    this.#follow();
    return this.#since === undefined ? undefined : this.#nextAt;
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
