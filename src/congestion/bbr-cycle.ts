import type { Bytes, Millis } from '../base/units.ts';
import type { RateSample } from '../recovery/delivery-rate.ts';
import type { SentPacket } from '../recovery/sent-packet.ts';
import type { FullPipe } from './bbr-full-pipe.ts';
import type { LossJudge } from './bbr-losses.ts';
import type { BbrModel } from './bbr-model.ts';
import type { ControllerContext } from './controller.ts';

/** Between two probes: so long, and up to so much longer; or so many rounds, as Reno would take to fill the same pipe. */
const LEAST_WAIT: Millis = 2000;
const RANDOM_WAIT: Millis = 1000;
const MOST_ROUNDS = 63;
/** The first wait is short and each after it twice as long, because startup may have been misled. Not in the draft. */
const FIRST_ROUNDS = 8;
/** The long-term bound rises by 2^0, 2^1, ... datagrams a round; not beyond this power. */
const MOST_UP_ROUNDS = 30;

export type CyclePhase = 'down' | 'cruise' | 'refill' | 'up';

/** Which packets the ACKs of now are about: they lag a round trip behind what is being done. */
type Feedback = 'none' | 'refilling' | 'starting' | 'probing' | 'stopping';

/** What an ACK brings to the cycle. */
export interface CycleInput {
  readonly now: Millis;
  readonly sample: RateSample;
  readonly acked: Bytes;
  readonly bytesInFlight: Bytes;
  readonly cwnd: Bytes;
  /** The window, not pacing or the application, held the sender back. */
  readonly isCwndLimited: boolean;
}

/** What the cycle works on, shared with the rest of BBR. */
export interface CycleParts {
  readonly model: BbrModel;
  readonly pipe: FullPipe;
  readonly judge: LossJudge;
  readonly context: ControllerContext;
}

/** The steady state: slow down, cruise, fill up, probe for more, again and again (draft-ietf-ccwg-bbr, section "ProbeBW"). */
export class ProbeCycle {
  readonly #parts: CycleParts;
  #phase: CyclePhase = 'down';
  #feedback: Feedback = 'none';
  #startedAt: Millis = 0;
  #wait: Millis = 0;
  /** Round at which the wait began. */
  #waitRound = 0;
  /** Losses of this probe are still to be answered. */
  #answersLoss = false;
  #wasTooHigh = false;
  #wasPrecautionary = false;
  /** Most rounds until the next probe. */
  #mostRounds = FIRST_ROUNDS;
  #upRounds = 0;
  #upAcked: Bytes = 0;
  #ackedPerStep: Bytes = Number.POSITIVE_INFINITY;

  constructor(parts: CycleParts) {
    this.#parts = parts;
  }

  get phase(): CyclePhase {
    return this.#phase;
  }

  /** ACKs tell of packets that were sent no faster than the path delivers. */
  get isQuiet(): boolean {
    return this.#feedback === 'none' && (this.#phase === 'down' || this.#phase === 'cruise');
  }

  /** Begins the cycle; with nothing to drain it cruises at once. */
  start(now: Millis, isDrained = false): void {
    this.#startDown(now);
    if (isDrained) this.#phase = 'cruise';
  }

  /** Leaves the cycle for a while: its last probe is over. */
  suspend(): void {
    this.#feedback = 'stopping';
  }

  /** Goes back to a probe that was broken off for nothing. */
  resumeProbe(): void {
    this.#startRefill();
  }

  /** `isActive`: BBR is in the cycle now, and it may go on to the next phase. */
  onAck(input: CycleInput, isActive: boolean): void {
    if (this.#followFeedback(input, isActive)) return;
    this.#raiseLongTerm(input);
    if (!isActive) return;
    const { model, pipe } = this.#parts;
    switch (this.#phase) {
      case 'down':
        if (this.#isTimeToProbe(input)) this.#startRefill();
        else if (this.#isDrained(input.bytesInFlight)) this.#phase = 'cruise';
        break;
      case 'cruise':
        if (this.#isTimeToProbe(input)) this.#startRefill();
        break;
      case 'refill':
        if (model.rounds.started) this.#startUp(input);
        break;
      case 'up':
        if (this.#isTimeToGoDown(input, pipe)) {
          this.#wasTooHigh = false;
          this.#startDown(input.now);
        }
        break;
    }
  }

  /**
   * A packet was lost, and so much in all since it was sent. `target`: what there should have been in flight. Returns
   * whether that ended a probe.
   */
  onLost(now: Millis, { delivery, size }: SentPacket, lostSince: Bytes, target: Bytes): boolean {
    const { judge, model } = this.#parts;
    const isUp = this.#phase === 'up';
    if (!this.#answersLoss || !judge.isCongestion(lostSince, delivery.inFlight, true)) return false;
    this.#wasTooHigh = true;
    this.#answersLoss = false;
    if (!delivery.appLimited) {
      // What was in flight when losses crossed the line.
      const before = delivery.inFlight - size;
      const { tolerated } = judge;
      const prefix = Math.max(0, (tolerated * before - (lostSince - size)) / (1 - tolerated));
      model.lowerLongTerm(before + prefix, target);
    }
    if (isUp) this.#startDown(now);
    return isUp;
  }

  /** Returns whether another phase began. */
  #followFeedback({ sample }: CycleInput, isActive: boolean): boolean {
    const { model, judge } = this.#parts;
    if (!model.rounds.started) return false;
    if (this.#feedback === 'starting') this.#feedback = 'probing';
    else if (this.#feedback === 'stopping') {
      this.#answersLoss = false;
      this.#feedback = 'none';
      const isLimited = sample.appLimited || (sample.late && !judge.hasQueue);
      if (isActive && !isLimited) model.advanceCycle();
      if (isActive && this.#wasPrecautionary && !this.#wasTooHigh) {
        this.#startRefill();
        return true;
      }
    }
    return false;
  }

  #raiseLongTerm({ sample, acked, cwnd, isCwndLimited }: CycleInput): void {
    const { model, judge, context } = this.#parts;
    if (!Number.isFinite(model.longTermInflight)) return;
    if (judge.isCongestion(sample.lost, sample.inFlight, this.#feedback !== 'none')) return;
    model.longTermInflight = Math.max(model.longTermInflight, sample.inFlight);
    if (this.#phase !== 'up' || !isCwndLimited || cwnd < model.longTermInflight) return;
    this.#upAcked += acked;
    const steps = Math.floor(this.#upAcked / this.#ackedPerStep);
    this.#upAcked -= steps > 0 ? steps * this.#ackedPerStep : 0;
    model.longTermInflight += steps * context.maxDatagram;
    if (model.rounds.started) this.#steepen(cwnd);
  }

  #steepen(cwnd: Bytes): void {
    this.#ackedPerStep = Math.max(cwnd / 2 ** this.#upRounds, this.#parts.context.maxDatagram);
    this.#upRounds = Math.min(this.#upRounds + 1, MOST_UP_ROUNDS);
  }

  #isTimeToProbe({ now, cwnd }: CycleInput): boolean {
    const { model, context } = this.#parts;
    const { maxDatagram } = context;
    const rounds = Math.min((model.bdp ?? 0) / maxDatagram, cwnd / maxDatagram, this.#mostRounds);
    return now > this.#startedAt + this.#wait || model.rounds.count - this.#waitRound >= rounds;
  }

  #isDrained(bytesInFlight: Bytes): boolean {
    const { model, judge } = this.#parts;
    return bytesInFlight <= Math.min(model.inflightWithHeadroom(judge.hasQueue), model.inflight(1, 'down'));
  }

  #isTimeToGoDown({ bytesInFlight, cwnd, isCwndLimited, sample }: CycleInput, pipe: FullPipe): boolean {
    const { longTermInflight } = this.#parts.model;
    if (this.#wasTooHigh && bytesInFlight >= longTermInflight) {
      this.#wasPrecautionary = true;
      return true;
    }
    if (isCwndLimited && cwnd >= longTermInflight) {
      pipe.restart(sample.rate ?? 0); // the bound, not the path, is the limit
      return false;
    }
    return pipe.isFull;
  }

  #startDown(now: Millis): void {
    const { model, context } = this.#parts;
    const { prng } = context;
    this.#phase = 'down';
    this.#feedback = 'stopping';
    this.#ackedPerStep = Number.POSITIVE_INFINITY;
    this.#startedAt = now;
    this.#wait = LEAST_WAIT + RANDOM_WAIT * prng.next();
    this.#waitRound = model.rounds.count - (prng.next() < 0.5 ? 0 : 1);
    model.rounds.restart(context.delivery.delivered);
  }

  #startRefill(): void {
    const { model, context } = this.#parts;
    this.#mostRounds = Math.min(2 * this.#mostRounds, MOST_ROUNDS);
    this.#phase = 'refill';
    this.#feedback = 'refilling';
    this.#upRounds = 0;
    this.#upAcked = 0;
    this.#wasPrecautionary = false;
    model.forgetShortTerm();
    model.rounds.restart(context.delivery.delivered);
  }

  #startUp({ sample, cwnd }: CycleInput): void {
    const { model, pipe, context } = this.#parts;
    this.#phase = 'up';
    this.#feedback = 'starting';
    this.#answersLoss = true;
    model.rounds.restart(context.delivery.delivered);
    pipe.restart(sample.rate ?? 0);
    this.#steepen(cwnd);
  }
}
