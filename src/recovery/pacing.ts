import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';
import { Pacer } from './pacer.ts';
import type { RttEstimator } from './rtt-estimator.ts';

/** A busy machine's delays are made up for in bursts of no more than so much, or this share of a round trip. */
const MOST_CATCH_UP: Millis = 25;
const LEAST_CATCH_UP: Millis = 4;
const CATCH_UP_SHARE = 1 / 4;

export interface PacingOptions {
  readonly controller: { readonly pacingRate: BytesPerMilli | undefined };
  readonly rtt: RttEstimator;
  /** Never faster than this on average, a moment's catching up aside; undefined: no cap. */
  readonly maxRate: BytesPerMilli | undefined;
  /** Bytes that may leave back to back. */
  readonly minimumBurst: Bytes;
}

/** When datagrams may leave: as fast as the congestion controller wants, and never faster than the cap. */
export class Pacing {
  readonly #options: PacingOptions;
  readonly #pacer: Pacer;
  readonly #cap: Pacer;
  #isHeldBack = false;

  constructor(options: PacingOptions) {
    this.#options = options;
    this.#pacer = new Pacer(options.minimumBurst);
    this.#cap = new Pacer(options.minimumBurst);
  }

  /** The controller, not the cap, was what the datagram asked for last has to wait for. */
  get isHeldBack(): boolean {
    return this.#isHeldBack;
  }

  /** The machine, not the path, was too slow for what the controller wants. */
  get isBehind(): boolean {
    return this.#pacer.isBehind;
  }

  /** When the next datagram may leave: `now`, or a deadline. */
  nextAt(now: Millis): Millis {
    const { maxRate, controller, rtt } = this.#options;
    const { pacingRate } = controller;
    const catchUp = Math.max(LEAST_CATCH_UP, Math.min(CATCH_UP_SHARE * rtt.min, MOST_CATCH_UP));
    const paced = pacingRate === undefined ? now : this.#pacer.nextAt(now, pacingRate, catchUp);
    const capped = maxRate === undefined ? now : this.#cap.nextAt(now, maxRate, catchUp);
    this.#isHeldBack = paced > now && paced >= capped;
    return Math.max(paced, capped);
  }

  /** Nothing waits to leave. */
  release(): void {
    this.#pacer.release();
    this.#cap.release();
  }

  /** A datagram left. `isPaced` false: the controller did not hear of it; the cap counts everything. */
  onSent(now: Millis, size: Bytes, isPaced: boolean): void {
    const { maxRate, controller } = this.#options;
    if (isPaced && controller.pacingRate !== undefined) this.#pacer.onSent(now, controller.pacingRate, size);
    if (maxRate !== undefined) this.#cap.onSent(now, maxRate, size);
  }
}
