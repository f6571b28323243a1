import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';

/** How far a transfer is. */
export interface ProgressSnapshot {
  /** What is under way, already printable. */
  readonly name: string;
  /** Of the whole transfer, not of one file of it. */
  readonly bytes: Bytes;
  /** Undefined: not known in advance. */
  readonly total: Bytes | undefined;
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
  /** Part done, 0..1, never less than before; undefined without a total. */
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

/** Turns snapshots into views: nothing runs backwards, and rates are smoothed. */
export class ProgressTracker {
  #bytes: Bytes = 0;
  #ratio = 0;
  #rate: BytesPerMilli | undefined;
  #startedAt: Millis | undefined;
  #startBytes: Bytes = 0;
  #movedAt: Millis = 0;
  #sampledAt: Millis = 0;
  #sampledBytes: Bytes = 0;

  update(now: Millis, snapshot: ProgressSnapshot): ProgressView {
    const { total } = snapshot;
    const bytes = Math.max(this.#bytes, Math.min(snapshot.bytes, total ?? Infinity));
    if (this.#startedAt === undefined) this.#start(now, bytes);
    if (bytes > this.#bytes) this.#movedAt = now;
    this.#bytes = bytes;
    this.#sample(now);
    const complete = total !== undefined && bytes >= total;
    if (total !== undefined) this.#ratio = Math.max(this.#ratio, complete ? 1 : bytes / total);
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

  #start(now: Millis, bytes: Bytes): void {
    this.#startedAt = now;
    this.#startBytes = bytes;
    this.#movedAt = now;
    this.#sampledAt = now;
    this.#sampledBytes = bytes;
  }

  /** An exponentially weighted mean; the weight of a sample grows with its length. */
  #sample(now: Millis): void {
    const span = now - this.#sampledAt;
    if (span < SAMPLE_TIME) return;
    const sample = (this.#bytes - this.#sampledBytes) / span;
    const weight = this.#rate === undefined ? 1 : 1 - Math.exp(-span / TIME_CONSTANT);
    this.#rate = (this.#rate ?? 0) * (1 - weight) + sample * weight;
    this.#sampledAt = now;
    this.#sampledBytes = this.#bytes;
  }

  #average(now: Millis): BytesPerMilli {
    const span = now - (this.#startedAt ?? now);
    return span > 0 ? (this.#bytes - this.#startBytes) / span : 0;
  }
}
