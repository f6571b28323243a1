import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';

/** Timers of real systems fire this coarsely: what piled up since the last one may leave together. */
const BURST_SPAN: Millis = 2;

/** Spreads datagrams over time: a token bucket (RFC 9002 section 7.7). */
export class Pacer {
  /** Smallest burst the bucket holds, whatever the rate. */
  readonly #minimumBurst: Bytes;
  #tokens: Bytes;
  #updatedAt: Millis | undefined;
  /** What `nextAt` told a datagram that still waits. */
  #promised: Millis | undefined;
  #isBehind = false;
  /** What the bucket holds of itself, without what a delay adds. */
  #burst: Bytes;

  constructor(minimumBurst: Bytes) {
    this.#minimumBurst = minimumBurst;
    this.#burst = minimumBurst;
    this.#tokens = minimumBurst;
  }

  /** The datagram asked for last came so late that the delay cannot be made up for. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /**
   * When a datagram may leave at this rate: `now`, or a deadline. One that is asked for again only after its deadline was
   * held up by a busy machine: up to `catchUp` of such a delay is made up for at once.
   */
  nextAt(now: Millis, rate: BytesPerMilli, catchUp: Millis = 0): Millis {
    const late = this.#promised === undefined ? 0 : Math.max(0, now - this.#promised);
    this.#fill(now, rate, Math.min(late, catchUp));
    this.#isBehind = late > Math.max(catchUp, BURST_SPAN);
    this.#promised = this.#tokens > 0 ? now : now - this.#tokens / rate + 1e-6;
    return this.#promised;
  }

  /** No datagram waits any more: what time passes from now on is nobody's delay. */
  release(): void {
    this.#promised = undefined;
    this.#isBehind = false;
    this.#tokens = Math.min(this.#tokens, this.#burst);
  }

  /** A datagram left. The bucket may go below zero by one datagram, which keeps the average exact. */
  onSent(now: Millis, rate: BytesPerMilli, size: Bytes): void {
    this.#fill(now, rate, 0);
    this.#tokens -= size;
  }

  #fill(now: Millis, rate: BytesPerMilli, late: Millis): void {
    const elapsed = this.#updatedAt === undefined ? 0 : now - this.#updatedAt;
    this.#burst = Math.max(this.#minimumBurst, rate * BURST_SPAN);
    // What a delay left over stays until it is used, but does not grow.
    const most = Math.max(this.#burst + rate * late, this.#tokens);
    this.#tokens = Math.min(most, this.#tokens + elapsed * rate);
    this.#updatedAt = now;
  }
}
