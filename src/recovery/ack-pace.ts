import type { Millis } from '../base/units.ts';
import { GRANULARITY } from './constants.ts';
import type { RttEstimator } from './rtt-estimator.ts';

/** More than the 8 round-trip samples per round that slow start's end needs (RFC 9406 section 4.3): some get lost. */
const ACKS_PER_ROUND_TRIP = 12;
/** As often as RFC 9000 section 13.2.2 asks where little is known. */
const FEWEST_PACKETS = 2;
/** However fast they come: what one ACK releases at once stays small. */
const MOST_PACKETS = 64;
/** An ACK that waits for more packets waits no longer than this share of a round trip. */
const LONGEST_WAIT = 1 / 4;

/**
 * How many packets one ACK answers: the receiver's own estimate from the rate at which they come, where
 * draft-ietf-quic-ack-frequency lets the sender ask. A fast path then takes no more ACKs than a slow one.
 */
export class AckPace {
  readonly #rtt: RttEstimator;
  readonly #maxAckDelay: Millis;
  /** The packets counted came after this moment. */
  #countedFrom: Millis | undefined;
  #count = 0;
  #packets = FEWEST_PACKETS;

  constructor(rtt: RttEstimator, maxAckDelay: Millis) {
    this.#rtt = rtt;
    this.#maxAckDelay = maxAckDelay;
  }

  /** An ACK is due with so many ack-eliciting packets, at least 2. */
  get packets(): number {
    return this.#rtt.latest === undefined ? FEWEST_PACKETS : this.#packets;
  }

  /** An ACK of fewer waits so long. A wait shorter than a timer can measure would be none. */
  get delay(): Millis {
    if (this.#rtt.latest === undefined) return this.#maxAckDelay;
    return Math.min(this.#maxAckDelay, Math.max(GRANULARITY / 2, this.#rtt.srtt * LONGEST_WAIT));
  }

  /** An ack-eliciting packet came. */
  onPacket(now: Millis): void {
    this.#countedFrom ??= now;
    this.#count++;
    const elapsed = now - this.#countedFrom;
    if (elapsed < this.#rtt.srtt || elapsed < GRANULARITY) return;
    const perRoundTrip = (this.#count * this.#rtt.srtt) / elapsed;
    const packets = Math.floor(perRoundTrip / ACKS_PER_ROUND_TRIP);
    this.#packets = Math.max(FEWEST_PACKETS, Math.min(packets, MOST_PACKETS));
    this.#countedFrom = now;
    this.#count = 0;
  }
}
