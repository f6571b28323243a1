import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';
import type { RateSample } from '../recovery/delivery-rate.ts';
import { Rounds, WindowedMax } from './bbr-filters.ts';
import { MinRtt } from './bbr-min-rtt.ts';
import type { BbrPhase } from './bbr-phases.ts';
import type { ControllerContext } from './controller.ts';

/** Cycles over which the largest bandwidth is remembered. */
const BANDWIDTH_CYCLES = 2;
/** What congestion leaves of a bound at least, as in CUBIC. */
const BETA = 0.7;
/** Share of the long-term bound that is left to others while cruising. */
const HEADROOM = 0.15;
/** Where a queue stands others are there, and get as much as CUBIC leaves them. Not in the draft. */
const QUEUED_HEADROOM = 1 - BETA;
/** A shorter round trip is none that timers and a busy machine keep to. Not in the draft. */
const SHORTEST_ROUND_TRIP: Millis = 1;

/** The bounds that losses draw, and a proof that there were none gives back. */
export interface Bounds {
  readonly bw: BytesPerMilli;
  readonly inflight: Bytes;
  readonly longTerm: Bytes;
}

/** What BBR believes of the path: how fast it delivers, how long a round trip is, and how much is too much. */
export class BbrModel {
  readonly rounds = new Rounds();
  readonly minRtt = new MinRtt();
  readonly #context: Pick<ControllerContext, 'maxDatagram' | 'delivery'>;
  readonly #bandwidth = new WindowedMax();
  #cycle = 0;
  #shortTermBw: BytesPerMilli = Number.POSITIVE_INFINITY;
  #shortTermInflight: Bytes = Number.POSITIVE_INFINITY;
  /** What was in flight when more turned out to be too much; infinite: nothing was yet. */
  longTermInflight: Bytes = Number.POSITIVE_INFINITY;
  /** The best of the round so far, and of the round before. */
  #roundBw: BytesPerMilli = 0;
  #roundInflight: Bytes = 0;
  #lastRoundBw: BytesPerMilli = 0;
  #lastRoundInflight: Bytes = 0;

  constructor(context: Pick<ControllerContext, 'maxDatagram' | 'delivery'>) {
    this.rounds.restart(context.delivery.delivered); // what had been delivered before, on other paths
    this.#context = context;
  }

  /** Always allowed in flight: enough to keep ACKs coming. */
  get minimum(): Bytes {
    return 4 * this.#context.maxDatagram;
  }

  /** The largest rate at which the path delivered lately; 0 before the first sample. */
  get maxBw(): BytesPerMilli {
    return this.#bandwidth.max;
  }

  /** The rate to send at. */
  get bw(): BytesPerMilli {
    return Math.min(this.maxBw, this.#shortTermBw);
  }

  /** The most that the last round delivered within a round trip. */
  get lastRoundInflight(): Bytes {
    return this.#lastRoundInflight;
  }

  /** Bandwidth-delay product; undefined: no sample yet. */
  get bdp(): Bytes | undefined {
    return Number.isFinite(this.minRtt.value) && this.maxBw > 0
      ? this.bw * Math.max(this.minRtt.value, SHORTEST_ROUND_TRIP)
      : undefined;
  }

  /** So many bandwidth-delay products, and at least what always has to be. */
  inflight(gain: number, phase: BbrPhase, extra: Bytes = 0): Bytes {
    const inflight = Math.max(gain * (this.bdp ?? 0) + extra, this.minimum);
    return phase === 'up' ? inflight + 2 * this.#context.maxDatagram : inflight;
  }

  /** The long-term bound less what is left to others. */
  inflightWithHeadroom(hasQueue: boolean): Bytes {
    const share = hasQueue ? QUEUED_HEADROOM : HEADROOM;
    const headroom = Math.max(this.#context.maxDatagram, share * this.longTermInflight);
    return Number.isFinite(this.longTermInflight)
      ? Math.max(this.longTermInflight - headroom, this.minimum)
      : Number.POSITIVE_INFINITY;
  }

  /** Most that losses let be in flight in a phase. */
  inflightCap(phase: BbrPhase, hasQueue: boolean): Bytes {
    let cap = Number.POSITIVE_INFINITY;
    if (phase === 'cruise' || phase === 'probe-rtt') cap = this.inflightWithHeadroom(hasQueue);
    else if (phase !== 'startup' && phase !== 'drain') cap = this.longTermInflight;
    return Math.max(Math.min(cap, this.#shortTermInflight), this.minimum);
  }

  get bounds(): Bounds {
    return { bw: this.#shortTermBw, inflight: this.#shortTermInflight, longTerm: this.longTermInflight };
  }

  onAck(now: Millis, { rate = 0, appLimited, late, rtt, delivered, priorDelivered }: RateSample): void {
    this.rounds.onAck(priorDelivered, this.#context.delivery.delivered);
    if (this.rounds.started) {
      this.#lastRoundBw = this.#roundBw;
      this.#lastRoundInflight = this.#roundInflight;
      this.#roundBw = 0;
      this.#roundInflight = 0;
    }
    this.#roundBw = Math.max(this.#roundBw, rate);
    this.#roundInflight = Math.max(this.#roundInflight, delivered);
    // What a busy machine held back tells as little as what the application did. Not in the draft.
    if (rate > 0 && (rate >= this.maxBw || !(appLimited || late))) {
      this.#bandwidth.update(this.#cycle, rate, BANDWIDTH_CYCLES);
    }
    this.minRtt.sample(now, rtt);
  }

  /** A cycle is over: bandwidth that it did not see again is about to be forgotten. */
  advanceCycle(): void {
    this.#cycle++;
  }

  /** The last round ended in congestion: down towards what it delivered, but not by more than CUBIC. */
  lowerShortTerm(cwnd: Bytes): void {
    const bw = Number.isFinite(this.#shortTermBw) ? this.#shortTermBw : this.maxBw;
    const inflight = Number.isFinite(this.#shortTermInflight) ? this.#shortTermInflight : cwnd;
    this.#shortTermBw = Math.max(this.#lastRoundBw, BETA * bw);
    this.#shortTermInflight = Math.max(this.#lastRoundInflight, BETA * inflight);
  }

  /** So much in flight was too much; `target` is what there should have been. */
  lowerLongTerm(inflight: Bytes, target: Bytes): void {
    this.longTermInflight = Math.max(inflight, BETA * target, this.minimum);
  }

  forgetShortTerm(): void {
    this.#shortTermBw = Number.POSITIVE_INFINITY;
    this.#shortTermInflight = Number.POSITIVE_INFINITY;
  }

  /** Gives back what losses took that were none. */
  restore({ bw, inflight, longTerm }: Bounds): void {
    this.#shortTermBw = Math.max(this.#shortTermBw, bw);
    this.#shortTermInflight = Math.max(this.#shortTermInflight, inflight);
    this.longTermInflight = Math.max(this.longTermInflight, longTerm);
  }
}
