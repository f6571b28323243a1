import { ARQ_STRATEGIES } from '../../src/arq/registry.ts';
import type { AckSample, CongestionController } from '../../src/congestion/controller.ts';
import { DeliveryRate } from '../../src/recovery/delivery-rate.ts';
import { LossRecovery, type RecoveryOptions } from '../../src/recovery/loss-recovery.ts';
import { RttEstimator } from '../../src/recovery/rtt-estimator.ts';
import type { SentContent, SentPacket } from '../../src/recovery/sent-packet.ts';
import type { ArqName } from '../../src/wire/terms.ts';

/** A controller that never limits and keeps what it is told. */
class ListeningController implements CongestionController {
  readonly name = 'listening';
  cwnd = Number.POSITIVE_INFINITY;
  pacingRate: number | undefined;
  readonly acks: AckSample[] = [];
  readonly losses: { readonly at: number; readonly numbers: readonly number[]; readonly persistent: boolean }[] = [];
  resets = 0;

  onAck(_now: number, sample: AckSample): void {
    this.acks.push(sample);
  }

  onLoss(at: number, lost: readonly SentPacket[], persistent: boolean): void {
    this.losses.push({ at, numbers: lost.map(({ number }) => number), persistent });
  }

  reset(): void {
    this.resets++;
  }
}

export const SIZE = 1000;
export const PING: SentContent = { data: undefined, credit: false, path: false };

/** The sending half of a session by itself: packet n carries bytes 100n..100n+99. Numbers begin at 0, and so does time. */
export class SendingSide {
  readonly rtt = new RttEstimator();
  readonly controller = new ListeningController();
  readonly recovery: LossRecovery;
  readonly acked: number[] = [];
  readonly lost: number[] = [];
  /** The number of the peer's next packet. */
  #peerNumber = 0;
  /** Numbers to skip before the next packet. */
  #skips = 0;

  constructor(arq: ArqName, options: Partial<RecoveryOptions> & { readonly samples?: readonly number[] } = {}) {
    for (const sample of options.samples ?? []) this.rtt.sample(sample, 0);
    this.recovery = new LossRecovery({
      strategy: ARQ_STRATEGIES[arq],
      window: 64,
      controller: this.controller,
      rtt: this.rtt,
      delivery: new DeliveryRate(),
      peerMaxAckDelay: 0,
      backoffFactor: 2,
      maxRate: undefined,
      minimumBurst: 10 * SIZE,
      firstNumber: 0,
      fate: {
        onAcked: ({ number }) => this.acked.push(number),
        onLost: ({ number }) => this.lost.push(number),
      },
      ...options,
    });
  }

  /** The next packet's number is larger by one: nobody has the one before. */
  skip(): this {
    this.#skips++;
    return this;
  }

  /** Sends one packet per time given. */
  send(...times: readonly number[]): this {
    for (const now of times) {
      const number = this.recovery.sent.nextNumber + this.#skips;
      this.#skips = 0;
      const data = { offset: 100 * number, length: 100, fin: false };
      this.recovery.onSent(now, number, SIZE, { ...PING, data });
    }
    return this;
  }

  /** An ACK of these packets comes. Returns whether it was believed. */
  ack(
    now: number,
    numbers: readonly number[],
    { cumulative = 0, ackDelay = 0, packet = this.#peerNumber } = {},
  ): boolean {
    this.#peerNumber = Math.max(this.#peerNumber, packet) + 1;
    const ranges = numbers.toSorted((a, b) => b - a).map((number) => ({ start: number, end: number + 1 }));
    return this.recovery.handleAck(now, packet, {
      kind: 'ack',
      largest: Math.max(...numbers),
      ackDelay,
      cumulative,
      ranges,
    });
  }

  /** Lets the timer expire as often as it does until `until`; returns when it did. */
  expireUntil(until: number): number[] {
    const times: number[] = [];
    for (let at = this.recovery.deadline(); at !== undefined && at <= until; at = this.recovery.deadline()) {
      times.push(at);
      this.recovery.handleTimeout(at);
    }
    return times;
  }
}
