import type { Bytes, Millis } from '../base/units.ts';
import type { ControllerContext } from './controller.ts';

/** More loss than this may be congestion (draft-ietf-ccwg-bbr, LossThresh). */
const LEAST_TOLERATED = 0.02;
/** However lossy the link: more than this is congestion. */
const MOST_TOLERATED = 0.35;
/** Quiet bytes after which older ones count half, in datagrams. */
const MEMORY = 2000;
/** What is left of that after a round with a queue. */
const FADING = 7 / 8;
/** Quiet datagrams that make the usual loss known. */
const ENOUGH = 200;
/** A round trip so much above the shortest means a queue. */
const QUEUE_SHARE = 1 / 8;
const QUEUE_LEAST: Millis = 4;

/** Standard deviations that a lossy link may exceed its usual losses by. */
const CHANCE = 2;
/** ACKs in a row that make a queue likely (RFC 9406 looks at as many). */
const QUEUED_ACKS = 8;

/** The shortest round trip that shows a queue. */
const queuedRtt = (minRtt: Millis): Millis => minRtt + Math.max(QUEUE_SHARE * minRtt, QUEUE_LEAST);

/**
 * Tells losses of a full queue from those of a lossy link. A link loses at any rate; a queue that overflows has first
 * made the round trip longer, or does so only while the sender sends faster than usual. So losses count as congestion
 * only if there are more than usual, and a queue or the sender's own acceleration explains them. The draft counts every
 * loss above 2 %.
 */
export class LossJudge {
  readonly #context: Pick<ControllerContext, 'maxDatagram'>;
  #lost: Bytes = 0;
  #delivered: Bytes = 0;
  #gaps = 0;
  #roundMin: Millis = Number.POSITIVE_INFINITY;
  #roundSum: Millis = 0;
  #samples = 0;
  #hasQueue = false;
  #queuedInARow = 0;
  #lastLost: Bytes = 0;
  #lastTotal: Bytes = 0;
  #lastGaps = 0;
  #quietLost: Bytes = 0;
  #quietTotal: Bytes = 0;

  constructor(context: Pick<ControllerContext, 'maxDatagram'>) {
    this.#context = context;
  }

  /** The last round lost more than a link of this kind does. */
  get wasCongested(): boolean {
    return this.isCongestion(this.#lastLost, this.#lastTotal, false);
  }

  /** Runs of losses in the last round. */
  get gaps(): number {
    return this.#lastGaps;
  }

  /** The last round saw a queue from beginning to end. */
  get hasQueue(): boolean {
    return this.#hasQueue;
  }

  /** The newest ACKs all saw a queue: known before the round is over, but not for certain. */
  get seesQueue(): boolean {
    return this.#queuedInARow >= QUEUED_ACKS;
  }

  /** Loss that is no reason to slow down. */
  get tolerated(): number {
    const usual = this.#quietTotal > 0 ? this.#quietLost / this.#quietTotal : 0;
    return this.#isUsualKnown
      ? Math.min(Math.max(1.5 * usual + 0.01, LEAST_TOLERATED), MOST_TOLERATED)
      : LEAST_TOLERATED;
  }

  /** `isLimited`: the sender had held back; a lone packet's ACK is delayed, and a busy machine is late. */
  onAck(bytes: Bytes, rtt: Millis, minRtt: Millis, isLimited: boolean): void {
    if (rtt <= queuedRtt(minRtt)) this.#queuedInARow = 0;
    else if (!isLimited) this.#queuedInARow++;
    this.#delivered += bytes;
    this.#roundMin = Math.min(this.#roundMin, rtt);
    this.#roundSum += rtt;
    this.#samples++;
  }

  /** A packet was lost; `isGap`: the one before it was not. */
  onLoss(bytes: Bytes, isGap: boolean): void {
    this.#lost += bytes;
    if (isGap) this.#gaps++;
  }

  /** A round is over. `isQuiet`: it was sent no faster than the path delivers. */
  onRound(minRtt: Millis, isQuiet: boolean): void {
    const total = this.#lost + this.#delivered;
    const queued = queuedRtt(minRtt);
    this.#hasQueue = this.#roundMin > queued;
    this.#lastLost = this.#lost;
    this.#lastTotal = total;
    this.#lastGaps = this.#gaps;
    if (this.#hasQueue) {
      // What was learned without a queue fades while nothing confirms it.
      this.#quietLost *= FADING;
      this.#quietTotal *= FADING;
    }
    // On average, not at one moment: a queue that comes and goes explains losses too.
    if (isQuiet && this.#roundSum <= queued * this.#samples) {
      this.#quietLost += this.#lost;
      this.#quietTotal += total;
      if (this.#quietTotal > MEMORY * this.#context.maxDatagram) {
        this.#quietLost /= 2;
        this.#quietTotal /= 2;
      }
    }
    this.#lost = 0;
    this.#delivered = 0;
    this.#gaps = 0;
    this.#roundMin = Number.POSITIVE_INFINITY;
    this.#roundSum = 0;
    this.#samples = 0;
  }

  /** So much was lost of so much: was that congestion? `accelerating`: it had been sent faster than usual. */
  isCongestion(lost: Bytes, total: Bytes, accelerating: boolean): boolean {
    const { tolerated } = this;
    if (lost <= this.#mostByChance(tolerated, total)) return false;
    if (lost > this.#mostByChance(Math.max(tolerated, MOST_TOLERATED), total)) return true;
    return this.#hasQueue || (accelerating && this.#isUsualKnown);
  }

  /** What a link that loses this share may lose of so much; a link that is not known to lose has no bad luck. */
  #mostByChance(share: number, total: Bytes): Bytes {
    const deviation = Math.sqrt(share * (1 - share) * total * this.#context.maxDatagram);
    return share * total + (this.tolerated > LEAST_TOLERATED ? CHANCE * deviation : 0);
  }

  get #isUsualKnown(): boolean {
    return this.#quietTotal >= ENOUGH * this.#context.maxDatagram;
  }
}
