import type { Bytes, BytesPerMilli, Millis } from '../../base/units.ts';

/** How far a transfer is. */
export interface ProgressSnapshot {
  /** What is under way, already printable. */
  readonly name: string;
  /** Files whose outcome is known, and all of them; undefined: one, or nobody knows. */
  readonly files?: { readonly done: number; readonly all: number } | undefined;
  /** Of the whole transfer, not of one file of it. */
  readonly bytes: Bytes;
  /** Undefined: not known in advance. */
  readonly total: Bytes | undefined;
  /** Of `bytes`, those that need not be sent: they count for how far it is, not for how fast. */
  readonly resumed?: Bytes | undefined;
  /** Why nothing can move now, in words. */
  readonly waiting?: string | undefined;
  readonly rtt?: Millis | undefined;
  /** Lost of all datagrams sent, 0..1. */
  readonly lossRate?: number | undefined;
  /** Datagrams sent again. */
  readonly resent?: number | undefined;
}

/** A snapshot with what follows from those before it. */
export interface ProgressView extends ProgressSnapshot {
  /** Part done, 0..1, less than before only when the total has grown; undefined without one. */
  readonly ratio: number | undefined;
  readonly rate: BytesPerMilli;
  readonly averageRate: BytesPerMilli;
  /** Time left at the current rate; undefined while that cannot be told. */
  readonly eta: Millis | undefined;
  /** For how long nothing moved, once that is STALL_TIME. */
  readonly stalled: Millis | undefined;
}

const STALL_TIME: Millis = 5000;
/** The current rate is the mean over about this long. */
const TIME_CONSTANT: Millis = 2000;
/** Shorter spans are gathered into one sample. */
const SAMPLE_TIME: Millis = 200;

/** Turns snapshots into views: nothing runs backwards but the part of a total that grows, and rates are smoothed. */
export class ProgressTracker {
  #bytes: Bytes = 0;
  /** What really went over the network. */
  #moved: Bytes = 0;
  #ratio = 0;
  #total: Bytes = 0;
  #rate: BytesPerMilli | undefined;
  #startedAt: Millis | undefined;
  #startMoved: Bytes = 0;
  #movedAt: Millis = 0;
  #sampledAt: Millis = 0;
  #sampledMoved: Bytes = 0;

  update(now: Millis, snapshot: ProgressSnapshot): ProgressView {
    const { total } = snapshot;
    const told = Math.min(snapshot.bytes, total ?? Infinity);
    const bytes = Math.max(this.#bytes, told);
    const moved = Math.max(this.#moved, told - (snapshot.resumed ?? 0));
    if (this.#startedAt === undefined) this.#start(now, moved);
    if (bytes > this.#bytes || moved > this.#moved) this.#movedAt = now;
    this.#moved = moved;
    this.#bytes = bytes;
    this.#sample(now);
    const complete = total !== undefined && bytes >= total;
    if (total !== undefined) this.#advance(complete ? 1 : bytes / total, total);
    const rate = this.#rate ?? this.#average(now);
    const still = now - this.#movedAt;
    const stalled = !complete && still >= STALL_TIME ? still : undefined;
    const moves = !complete && stalled === undefined && snapshot.waiting === undefined;
    const knowsEta = total !== undefined && moves && rate > 0;
    return {
      ...snapshot,
      bytes,
      ratio: total === undefined ? undefined : this.#ratio,
      rate,
      averageRate: this.#average(now),
      eta: knowsEta ? (total - bytes) / rate : undefined,
      stalled,
    };
  }

  /** A sender may offer one file after the other: what was all of it is then a part. */
  #advance(ratio: number, total: Bytes): void {
    this.#ratio = total > this.#total ? ratio : Math.max(this.#ratio, ratio);
    this.#total = total;
  }

  #start(now: Millis, moved: Bytes): void {
    this.#startedAt = now;
    this.#startMoved = moved;
    this.#movedAt = now;
    this.#sampledAt = now;
    this.#sampledMoved = moved;
  }

  /** An exponentially weighted mean; the weight of a sample grows with its length. */
  #sample(now: Millis): void {
    const span = now - this.#sampledAt;
    if (span < SAMPLE_TIME) return;
    const sample = (this.#moved - this.#sampledMoved) / span;
    const weight = this.#rate === undefined ? 1 : 1 - Math.exp(-span / TIME_CONSTANT);
    this.#rate = (this.#rate ?? 0) * (1 - weight) + sample * weight;
    this.#sampledAt = now;
    this.#sampledMoved = this.#moved;
  }

  #average(now: Millis): BytesPerMilli {
    const span = now - (this.#startedAt ?? now);
    return span > 0 ? (this.#moved - this.#startMoved) / span : 0;
  }
}
