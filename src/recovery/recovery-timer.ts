import type { ArqStrategy, Flight } from '../arq/strategy.ts';
import type { Millis } from '../base/units.ts';
import { MAX_TIMEOUT } from './constants.ts';
import type { RttEstimator } from './rtt-estimator.ts';
import type { SentPacket } from './sent-packet.ts';

const NONE: readonly SentPacket[] = [];

export interface RecoveryTimerOptions {
  readonly strategy: ArqStrategy;
  readonly rtt: RttEstimator;
  /** Every expiry multiplies the timeout by this: 2 on networks, 1 for textbook experiments. */
  readonly backoffFactor: number;
}

/** The timer counts from `lastSentAt`, and an expiry moves it on even if no probe can be built. */
type TimedFlight = Flight & { lastSentAt: Millis };

/** The one timer of what is in flight (RFC 9002 section A.8): for losses that time will show, the early probe, the timeout. */
export class RecoveryTimer {
  readonly #options: RecoveryTimerOptions;
  readonly #flight: TimedFlight;
  #lossTime: Millis | undefined;
  #backoff = 1;
  /** The tail that is in flight was probed before its timeout. */
  #probedEarly = false;
  #probes = 0;

  constructor(options: RecoveryTimerOptions, flight: TimedFlight) {
    this.#options = options;
    this.#flight = flight;
  }

  /** Datagrams that go out beyond window and cwnd, because it expired. */
  get probes(): number {
    return this.#probes;
  }

  onProbeSent(): void {
    this.#probes--;
  }

  /** When it expires, as long as anything is in flight. */
  get deadline(): Millis {
    return this.#lossTime ?? Math.min(this.#earlyProbe, this.#options.strategy.deadline(this.#flight, this.#backoff));
  }

  /** The packets that count as lost by now. */
  detectLost(now: Millis): readonly SentPacket[] {
    const { lost, lossTime } = this.#options.strategy.detectLost(this.#flight, now);
    this.#lossTime = lossTime;
    return lost;
  }

  /** It expired: there may be probes to send. The packets that are lost. */
  expire(now: Millis): readonly SentPacket[] {
    const { strategy, rtt, backoffFactor } = this.#options;
    if (this.#lossTime !== undefined) return this.detectLost(now);
    if (this.#earlyProbe <= now) {
      this.#probedEarly = true;
      this.#probes = 1;
      return NONE;
    }
    const { lost, probes } = strategy.onTimeout(this.#flight);
    if (rtt.rto() * this.#backoff < MAX_TIMEOUT) this.#backoff *= backoffFactor; // RFC 6298 section 5.5
    this.#probes = probes;
    this.#flight.lastSentAt = Math.max(this.#flight.lastSentAt, now);
    return lost;
  }

  /** Something new was acknowledged. */
  onProgress(): void {
    this.#backoff = 1;
    this.#probes = 0;
  }

  /** More is to be sent: what is in flight is no tail. */
  onMore(): void {
    this.#probedEarly = false;
  }

  /** Another path, whose delay is unknown. */
  resetPath(): void {
    this.#backoff = 1;
  }

  /** When the tail is probed before its timeout; Infinity: it is not. */
  get #earlyProbe(): Millis {
    if (this.#probedEarly || this.#backoff > 1) return Infinity;
    return this.#options.strategy.earlyProbe?.(this.#flight) ?? Infinity;
  }
}
