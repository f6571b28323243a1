import { SeededPrng } from '../../src/base/prng.ts';
import type { Bytes, BytesPerMilli, Millis } from '../../src/base/units.ts';
import { BbrController } from '../../src/congestion/bbr.ts';
import type { BbrPhase } from '../../src/congestion/bbr-phases.ts';
import { DeliveryRate } from '../../src/recovery/delivery-rate.ts';
import { RttEstimator } from '../../src/recovery/rtt-estimator.ts';
import { SendingSide, SIZE } from '../recovery/sending-side.ts';

export interface LinkOptions {
  readonly rate: BytesPerMilli;
  /** Without a queue. */
  readonly roundTrip: Millis;
  readonly queue: Bytes;
  readonly loss?: number;
  /** Of the losses. */
  readonly seed?: number;
  /** What the sender was told of the rate, and does not exceed. */
  readonly startRate?: BytesPerMilli;
  /** The sender's machine does nothing at the beginning of every so many milliseconds, for so long. */
  readonly stall?: { readonly every: Millis; readonly lasts: Millis };
}

/** A phase and when it began. */
export interface Step {
  readonly phase: BbrPhase;
  readonly at: Millis;
}

/** A BBR sender that always has something to send, and one link that answers every packet it does not lose. */
export class OneLink {
  readonly controller: BbrController;
  readonly steps: Step[] = [{ phase: 'startup', at: 0 }];
  readonly side: SendingSide;
  readonly #prng: SeededPrng;
  readonly #rtt = new RttEstimator();
  readonly #arrivals: { readonly at: Millis; readonly number: number }[] = [];
  #link: LinkOptions;
  #freeAt: Millis = 0;
  #now: Millis = 0;
  #sent = 0;
  #overflown = 0;

  constructor(link: LinkOptions) {
    this.#link = link;
    this.#prng = new SeededPrng(link.seed ?? 1, 'link');
    this.#rtt.sample(link.roundTrip, 0); // of the handshake
    const delivery = new DeliveryRate();
    const { startRate } = link;
    const context = { maxDatagram: SIZE, startRate, rtt: this.#rtt, delivery, prng: new SeededPrng(1, 'bbr') };
    this.controller = new BbrController(context);
    const options = {
      rtt: this.#rtt,
      delivery,
      controller: this.controller,
      window: 1e6,
      minimumBurst: SIZE,
      maxRate: startRate,
    };
    this.side = new SendingSide('selective-repeat', options);
  }

  /** Share of the packets sent that found the queue full. */
  get overflow(): number {
    return this.#overflown / this.#sent;
  }

  /** What waits at the link. */
  get queue(): Bytes {
    return Math.max(0, this.#freeAt - this.#now) * this.#link.rate;
  }

  /** From now on the link is another one. */
  change(link: Partial<LinkOptions>): this {
    this.#link = { ...this.#link, ...link };
    return this;
  }

  /** Counts anew what overflows. */
  forgetOverflow(): this {
    this.#sent = 0;
    this.#overflown = 0;
    return this;
  }

  run(until: Millis): this {
    const { recovery } = this.side;
    while (this.#now < until) {
      const permission = recovery.permission(this.#now, SIZE);
      if (permission === 'now' || recovery.probes > 0) {
        if (recovery.probes > 0) recovery.onProbeSent();
        this.#send();
        continue;
      }
      const paced = permission === 'blocked' ? until : permission;
      const arrival = this.#arrivals[0]?.at ?? until;
      this.#now = this.#awake(Math.max(this.#now, Math.min(paced, arrival, recovery.deadline() ?? until, until)));
      if (arrival <= this.#now) this.side.ack(this.#now, [this.#arrivals.shift()?.number ?? 0]);
      else recovery.handleTimeout(this.#now);
      this.#notePhase();
    }
    return this;
  }

  /** When the machine gets to what is due at `at`. */
  #awake(at: Millis): Millis {
    const { every, lasts } = this.#link.stall ?? { every: 1, lasts: 0 };
    return at % every < lasts ? at - (at % every) + lasts : at;
  }

  #send(): void {
    const number = this.side.recovery.sent.nextNumber;
    this.side.send(this.#now);
    this.#sent++;
    const { rate, roundTrip, queue, loss = 0 } = this.#link;
    if (this.#prng.next() < loss) return;
    if (this.queue + SIZE > queue) {
      this.#overflown++;
      return;
    }
    this.#freeAt = Math.max(this.#freeAt, this.#now) + SIZE / rate;
    this.#arrivals.push({ at: this.#freeAt + roundTrip, number });
  }

  #notePhase(): void {
    const { phase } = this.controller;
    if (phase !== this.steps.at(-1)?.phase) this.steps.push({ phase, at: this.#now });
  }
}
