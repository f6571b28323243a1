import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';

/** Timers of real systems fire this coarsely: what piled up since the last one may leave together. */
const BURST_SPAN: Millis = 2;

/** Spreads datagrams over time: a token bucket (RFC 9002 section 7.7). */
export class Pacer {
  /** Smallest burst the bucket holds, whatever the rate. */
  readonly #minimumBurst: Bytes;
  #tokens: Bytes;
  #updatedAt: Millis | undefined;

  constructor(minimumBurst: Bytes) {
    this.#minimumBurst = minimumBurst;
    this.#tokens = minimumBurst;
  }

  /** When a datagram may leave at this rate: `now`, or a deadline. */
  nextAt(now: Millis, rate: BytesPerMilli): Millis {
    this.#fill(now, rate);
    return this.#tokens > 0 ? now : now - this.#tokens / rate + 1e-6;
  }

  /** A datagram left. The bucket may go below zero by one datagram, which keeps the average exact. */
  onSent(now: Millis, rate: BytesPerMilli, size: Bytes): void {
    this.#fill(now, rate);
    this.#tokens -= size;
  }

  #fill(now: Millis, rate: BytesPerMilli): void {
    const capacity = Math.max(this.#minimumBurst, rate * BURST_SPAN);
    const elapsed = this.#updatedAt === undefined ? 0 : now - this.#updatedAt;
    this.#tokens = Math.min(capacity, this.#tokens + elapsed * rate);
    this.#updatedAt = now;
  }
}
