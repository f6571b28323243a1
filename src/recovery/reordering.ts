import type { Millis } from '../base/units.ts';
import { GRANULARITY, PACKET_THRESHOLD, TIME_THRESHOLD } from './constants.ts';
import type { RttEstimator } from './rtt-estimator.ts';

/** Loss episodes without a mistake after which the thresholds come down again (RFC 8985 section 6.2). */
const CLEAN_EPISODES = 16;
/** Share of the smallest round trip by which the time threshold grows (RFC 8985 section 6.2). */
const STEP = 1 / 4;

/**
 * How far packets overtake each other on this path, learned from losses that were none. Thresholds that are too small
 * send data twice and slow the sender down; thresholds that are too large find losses late.
 */
export class Reordering {
  #packetThreshold = PACKET_THRESHOLD;
  #steps = 0;
  #steppedAt: Millis = Number.NEGATIVE_INFINITY;
  #mostInFlight = 0;
  #cleanEpisodes = 0;

  /** A packet is lost when one numbered so much higher was acknowledged. */
  get packetThreshold(): number {
    return this.#packetThreshold;
  }

  /** What the time threshold waits beyond RFC 9002 section 6.1.2; at most one round trip. */
  extraDelay({ min, srtt }: RttEstimator): Millis {
    return Math.min(this.#steps * STEP * min, srtt);
  }

  onSent(packetsInFlight: number): void {
    this.#mostInFlight = Math.max(this.#mostInFlight, packetsInFlight);
  }

  /**
   * A packet that was declared lost had arrived: overtaken by `distance` packets, acknowledged after `age`, when
   * `lossDelay` was what the time threshold allowed.
   */
  onSpurious(now: Millis, distance: number, age: Millis, lossDelay: Millis): void {
    this.#cleanEpisodes = 0;
    // RFC 9002 section 6.1.1 leaves it open; more than half of what is in flight would leave nothing to detect a loss by.
    const most = Math.floor(this.#mostInFlight / 2);
    this.#packetThreshold = Math.max(this.#packetThreshold, Math.min(distance + 1, most));
    const sentAt = now - age;
    if (age > lossDelay && sentAt > this.#steppedAt) {
      this.#steps++; // once a round trip (RFC 8985 section 6.2)
      this.#steppedAt = now;
    }
  }

  /** Something was lost for the first time since the sender last slowed down. */
  onEpisode(): void {
    if (++this.#cleanEpisodes < CLEAN_EPISODES) return;
    this.#cleanEpisodes = 0;
    this.#packetThreshold = Math.max(PACKET_THRESHOLD, Math.floor(this.#packetThreshold / 2));
    this.#steps = Math.floor(this.#steps / 2);
  }
}

/** After how long a packet that others overtook counts as lost: RFC 9002 section 6.1.2, and what reordering asks for beyond. */
export function lossDelay(rtt: RttEstimator, reordering: Reordering): Millis {
  const delay = Math.max(TIME_THRESHOLD * Math.max(rtt.srtt, rtt.latest ?? 0), GRANULARITY);
  return delay + reordering.extraDelay(rtt);
}
