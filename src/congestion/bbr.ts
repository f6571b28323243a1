import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';
import type { RateSample } from '../recovery/delivery-rate.ts';
import type { SentPacket } from '../recovery/sent-packet.ts';
import { AckAggregation } from './bbr-ack-aggregation.ts';
import { type CycleParts, ProbeCycle } from './bbr-cycle.ts';
import { FullPipe } from './bbr-full-pipe.ts';
import { LossJudge } from './bbr-losses.ts';
import { BbrModel, type Bounds } from './bbr-model.ts';
import { type BbrPhase, GAINS, isProbing, QUEUED_CWND_GAIN, QUEUED_STARTUP_GAIN } from './bbr-phases.ts';
import type { AckSample, CongestionController, ControllerContext } from './controller.ts';
import { initialRate, initialWindow } from './windows.ts';

/** Sends a little slower than the path delivers, so that queues shrink. */
const PACING_MARGIN = 0.99;
/** Runs of losses in a round that end startup, if they are congestion. */
const STARTUP_GAPS = 6;
/** The same where no queue confirms it: chance makes a few. */
const STARTUP_GAPS_ALONE = 50;
/** Draining takes no longer, even if more bandwidth was seen than there is. */
const DRAIN_ROUNDS = 3;
/** How long the queue is kept empty to measure the shortest round trip. */
const PROBE_RTT_DURATION: Millis = 200;

interface Parts extends CycleParts {
  /** Delivered or lost before, on other paths. */
  readonly settledBefore: Bytes;
  readonly aggregation: AckAggregation;
  readonly cycle: ProbeCycle;
}

function createParts(context: ControllerContext): Parts {
  const cycleParts = { model: new BbrModel(context), pipe: new FullPipe(), judge: new LossJudge(context), context };
  const settledBefore = context.delivery.delivered + context.delivery.lost;
  return { ...cycleParts, settledBefore, aggregation: new AckAggregation(), cycle: new ProbeCycle(cycleParts) };
}

/** The state before losses, and the phase they ended: what is given back if they were none. */
interface Undo {
  readonly cwnd: Bytes;
  readonly bounds: Bounds;
  ended: 'startup' | 'up' | undefined;
}

/**
 * BBR, version 3 (draft-ietf-ccwg-bbr): sends at the rate at which the path delivers, with about a bandwidth-delay product
 * in flight, instead of slowing down at every loss. It differs from the draft in what it takes for congestion
 * (`LossJudge`), when it takes the pipe for full (`FullPipe`), and in having less in flight where a queue stands; whatever
 * else differs says so where it is.
 */
export class BbrController implements CongestionController {
  readonly name = 'bbr';
  readonly #context: ControllerContext;
  #parts: Parts;
  #stage: 'startup' | 'drain' | 'cycle' | 'probe-rtt' = 'startup';
  /** The pipe was full once: startup is over. */
  #pipeWasFull = false;
  #cwnd: Bytes;
  #pacingRate: BytesPerMilli | undefined;
  #drainRound = 0;
  /** The window to go back to after measuring the round trip. */
  #savedCwnd: Bytes = 0;
  /** Until when the queue is kept empty; undefined: it is not empty yet. */
  #probeRttEnd: Millis | undefined;
  #probeRttRoundDone = false;
  #isRestarting = false;
  #newestLost = -2;
  /** Packets sent before this belong to the losses already known. */
  #episodeStart: Millis = Number.NEGATIVE_INFINITY;
  #undo: Undo | undefined;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#parts = createParts(context);
    this.#cwnd = initialWindow(context);
  }

  get cwnd(): Bytes {
    return Math.max(this.#cwnd, this.#parts.model.minimum); // datagrams may have grown
  }

  get pacingRate(): BytesPerMilli {
    return this.#pacingRate ?? initialRate(this.#context);
  }

  get phase(): BbrPhase {
    return this.#stage === 'cycle' ? this.#parts.cycle.phase : this.#stage;
  }

  onSent(now: Millis, { delivery, size }: SentPacket): void {
    if (delivery.inFlight > size || !delivery.appLimited) return;
    // Back from idleness: no faster than the path delivers.
    this.#isRestarting = true;
    this.#parts.aggregation.restart(now);
    if (this.#stage === 'cycle') this.#pace(1);
    else if (this.#stage === 'probe-rtt') this.#endProbeRtt(now);
  }

  onAck(now: Millis, { sample, bytes, bytesInFlight }: AckSample): void {
    const { model, judge, aggregation, cycle, context } = this.#parts;
    const isCwndLimited = bytesInFlight + bytes + context.maxDatagram > this.#cwnd;
    model.onAck(now, sample);
    if (model.rounds.started) this.#endRound(sample);
    judge.onAck(bytes, sample.rtt, model.minRtt.value, sample.appLimited || sample.late);
    aggregation.onAck(now, bytes, model.bw, this.#cwnd, model.rounds.count, this.#pipeWasFull);
    if (this.#stage === 'startup' && this.#pipeWasFull) this.#startDrain();
    if (this.#stage === 'drain' && this.#isDrained(bytesInFlight)) {
      // The bound was drawn when not all was measured that startup had sent. Not in the draft.
      model.longTermInflight = Math.max(model.longTermInflight, model.bdp ?? 0);
      this.#startCycle(now, false);
    }
    if (this.#pipeWasFull) {
      const input = { now, sample, acked: bytes, bytesInFlight, cwnd: this.#cwnd, isCwndLimited };
      cycle.onAck(input, this.#stage === 'cycle');
    }
    this.#checkProbeRtt(now, bytesInFlight);
    this.#isRestarting = false;
    this.#pace(GAINS[this.phase].pacing);
    this.#resize(bytes);
  }

  onLoss(now: Millis, lost: readonly SentPacket[], persistent: boolean): void {
    const { model, judge, cycle, context } = this.#parts;
    const newest = lost.at(-1);
    if (newest !== undefined && newest.sentAt > this.#episodeStart) {
      this.#episodeStart = now;
      this.#undo = { cwnd: Math.max(this.#cwnd, this.#savedCwnd), bounds: model.bounds, ended: undefined };
    }
    let total = context.delivery.lost - lost.reduce((sum, { size }) => sum + size, 0);
    for (const packet of lost) {
      total += packet.size;
      judge.onLoss(packet.size, packet.number !== this.#newestLost + 1);
      this.#newestLost = packet.number;
      if (this.#stage !== 'cycle') continue;
      const target = Math.min(model.bdp ?? this.#cwnd, this.#cwnd);
      const ended = cycle.onLost(now, packet, total - packet.delivery.lost, target);
      if (ended && this.#undo !== undefined) this.#undo.ended = 'up';
    }
    if (!persistent) return;
    this.#undo = undefined;
    this.#cwnd = model.minimum;
  }

  onSpuriousLosses(): void {
    if (this.#undo === undefined) return;
    const { cwnd, bounds, ended } = this.#undo;
    this.#undo = undefined;
    this.#episodeStart = Number.NEGATIVE_INFINITY;
    this.#cwnd = Math.max(this.#cwnd, cwnd);
    this.#parts.model.restore(bounds);
    this.#parts.pipe.restart(0);
    if (ended === 'startup') this.#pipeWasFull = false;
    if (this.#stage === 'probe-rtt') return;
    if (ended === 'startup') this.#stage = 'startup';
    else if (ended === 'up' && this.phase !== 'up') this.#parts.cycle.resumeProbe();
  }

  onSuspension(now: Millis): void {
    const { model, aggregation, context } = this.#parts;
    this.#cwnd = Math.min(this.#cwnd, initialWindow(context));
    this.#isRestarting = true;
    this.#undo = undefined;
    aggregation.restart(now);
    model.minRtt.refresh(now);
    model.rounds.restart(context.delivery.delivered);
  }

  reset(): void {
    this.#parts = createParts(this.#context);
    this.#stage = 'startup';
    this.#pipeWasFull = false;
    this.#cwnd = initialWindow(this.#context);
    this.#pacingRate = undefined;
    this.#savedCwnd = 0;
    this.#probeRttEnd = undefined;
    this.#isRestarting = false;
    this.#episodeStart = Number.NEGATIVE_INFINITY;
    this.#undo = undefined;
  }

  /** In startup, and a queue begins to stand: the rate is probably found, so grow little until that is certain. */
  get #isCautious(): boolean {
    return this.#stage === 'startup' && this.#parts.judge.seesQueue;
  }

  /** The fate of the first flight is known: before, a rate measures the start and not the path. */
  get #hasMeasured(): boolean {
    const { delivery } = this.#context;
    const settled = delivery.delivered + delivery.lost - this.#parts.settledBefore;
    return settled >= initialWindow(this.#context);
  }

  /** A round is over: how it went decides. */
  #endRound({ rate, appLimited, late }: RateSample): void {
    const { model, judge, pipe, cycle } = this.#parts;
    judge.onRound(model.minRtt.value, this.#stage === 'cycle' && cycle.isQuiet);
    // A queue shows that a busy machine was not the limit; but one round of it may be its own doing. Not in the draft.
    const isLimited = appLimited || (late && !judge.hasQueue);
    if (!isLimited && rate !== undefined) pipe.onRound(rate, judge.hasQueue && !late);
    if (pipe.isFull) this.#pipeWasFull = true;
    if (this.#stage === 'startup') {
      if (!this.#hasMeasured) return; // not in the draft, whose first flight is too small to lose much
      if (!judge.wasCongested || judge.gaps < (judge.hasQueue ? STARTUP_GAPS : STARTUP_GAPS_ALONE)) return;
      this.#pipeWasFull = true;
      model.longTermInflight = Math.max(model.bdp ?? 0, model.lastRoundInflight, model.minimum);
      if (this.#undo !== undefined) this.#undo.ended = 'startup';
    } else if (judge.wasCongested && !isProbing(this.phase)) {
      model.lowerShortTerm(this.#cwnd);
    }
  }

  #startDrain(): void {
    this.#stage = 'drain';
    this.#drainRound = this.#parts.model.rounds.count;
  }

  #isDrained(bytesInFlight: Bytes): boolean {
    const { model } = this.#parts;
    return bytesInFlight <= model.inflight(1, 'drain') || model.rounds.count > this.#drainRound + DRAIN_ROUNDS;
  }

  #startCycle(now: Millis, isDrained: boolean): void {
    this.#stage = 'cycle';
    this.#parts.cycle.start(now, isDrained);
  }

  /** Every few seconds without a round trip as short as the shortest, the queue is emptied to look. */
  #checkProbeRtt(now: Millis, bytesInFlight: Bytes): void {
    const { model, cycle, context } = this.#parts;
    const { delivery } = context;
    if (this.#stage !== 'probe-rtt') {
      if (!model.minRtt.isExpired || this.#isRestarting) return;
      this.#stage = 'probe-rtt';
      this.#savedCwnd = this.#cwnd;
      this.#probeRttEnd = undefined;
      cycle.suspend();
      model.rounds.restart(delivery.delivered);
    }
    delivery.markLimited(bytesInFlight); // what is delivered meanwhile says nothing about the bandwidth
    if (this.#probeRttEnd !== undefined) {
      this.#probeRttRoundDone ||= model.rounds.started;
      if (this.#probeRttRoundDone) this.#endProbeRtt(now);
    } else if (bytesInFlight <= this.#probeRttCwnd) {
      this.#probeRttEnd = now + PROBE_RTT_DURATION;
      this.#probeRttRoundDone = false;
      model.rounds.restart(delivery.delivered);
    }
  }

  #endProbeRtt(now: Millis): void {
    if (this.#probeRttEnd === undefined || now <= this.#probeRttEnd) return;
    this.#parts.model.minRtt.refresh(now);
    this.#parts.model.forgetShortTerm();
    this.#cwnd = Math.max(this.#cwnd, this.#savedCwnd);
    this.#savedCwnd = 0;
    if (this.#pipeWasFull) this.#startCycle(now, true);
    else this.#stage = 'startup';
  }

  get #probeRttCwnd(): Bytes {
    return this.#parts.model.inflight(GAINS['probe-rtt'].cwnd, 'probe-rtt');
  }

  #pace(gain: number): void {
    const isCautious = this.#isCautious && this.#hasMeasured;
    const rate = (isCautious ? QUEUED_STARTUP_GAIN : gain) * this.#parts.model.bw * PACING_MARGIN;
    // Until the pipe was full once, a low sample only says that not enough was sent.
    const current = this.pacingRate;
    this.#pacingRate = rate > 0 && (this.#pipeWasFull || isCautious || rate > current) ? rate : current;
  }

  #resize(acked: Bytes): void {
    const { model, judge, aggregation } = this.#parts;
    const { phase } = this;
    const isCautious = this.#isCautious;
    const isQueued = isCautious || (phase === 'cruise' && judge.hasQueue);
    const target = model.inflight(isQueued ? QUEUED_CWND_GAIN : GAINS[phase].cwnd, phase, aggregation.extra);
    if (this.#pipeWasFull || (isCautious && this.#hasMeasured)) this.#cwnd = Math.min(this.#cwnd + acked, target);
    else if (!isCautious && (this.#cwnd < target || !this.#hasMeasured)) this.#cwnd += acked;
    this.#cwnd = Math.max(this.#cwnd, model.minimum);
    if (this.#stage === 'probe-rtt') this.#cwnd = Math.min(this.#cwnd, this.#probeRttCwnd);
    this.#cwnd = Math.min(this.#cwnd, model.inflightCap(phase, judge.hasQueue));
  }
}
