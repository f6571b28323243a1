import type { Millis } from '../base/units.ts';
import { GRANULARITY, INITIAL_RTO, INITIAL_RTT } from './constants.ts';

/** Round-trip time of a path (RFC 9002 section 5) and the timeouts that follow from it. */
export class RttEstimator {
  #latest: Millis | undefined;
  #min: Millis = Number.POSITIVE_INFINITY;
  #srtt: Millis = INITIAL_RTT;
  #rttvar: Millis = INITIAL_RTT / 2;

  /** The newest sample; undefined before the first. */
  get latest(): Millis | undefined {
    return this.#latest;
  }

  /** The smallest sample; 0 before the first. */
  get min(): Millis {
    return this.#latest === undefined ? 0 : this.#min;
  }

  /** What a round trip takes now: a queue makes it longer than the smallest sample. 0 before the first. */
  get current(): Millis {
    return this.#latest === undefined ? 0 : Math.min(this.#latest, this.#srtt);
  }

  get srtt(): Millis {
    return this.#srtt;
  }

  get rttvar(): Millis {
    return this.#rttvar;
  }

  /** Takes one sample. `ackDelay` is what the peer says it waited before answering, already capped by its promise. */
  sample(rtt: Millis, ackDelay: Millis): void {
    this.#min = Math.min(this.#min, rtt);
    if (this.#latest === undefined) {
      this.#latest = rtt;
      this.#srtt = rtt;
      this.#rttvar = rtt / 2;
      return;
    }
    this.#latest = rtt;
    // RFC 9002 section 5.3: the delay is not subtracted where that would go below the minimum.
    const adjusted = rtt >= this.#min + ackDelay ? rtt - ackDelay : rtt;
    this.#rttvar = 0.75 * this.#rttvar + 0.25 * Math.abs(this.#srtt - adjusted);
    this.#srtt = 0.875 * this.#srtt + 0.125 * adjusted;
  }

  /** The newest sample is the smallest from now on: the path may have become longer (RFC 9002 section 5.2). */
  restartMin(): void {
    this.#min = this.#latest ?? Number.POSITIVE_INFINITY;
  }

  /** Forgets everything: another path (RFC 9002 section 5.3). */
  reset(): void {
    this.#latest = undefined;
    this.#min = Number.POSITIVE_INFINITY;
    this.#srtt = INITIAL_RTT;
    this.#rttvar = INITIAL_RTT / 2;
  }

  /** Retransmission timeout before back-off (RFC 6298 section 2). */
  rto(): Millis {
    return this.#latest === undefined ? INITIAL_RTO : this.#srtt + Math.max(GRANULARITY, 4 * this.#rttvar);
  }

  /** Probe timeout before back-off (RFC 9002 section 6.2.1). */
  pto(peerMaxAckDelay: Millis): Millis {
    return this.#srtt + Math.max(4 * this.#rttvar, GRANULARITY) + peerMaxAckDelay;
  }
}
