import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';
import type { ReceiveProgress } from '../receive/receive-progress.ts';

/** Samples that `history` goes back: five minutes of one a second. */
export const HISTORY = 300;
/** A transfer's rate is its mean over so many samples: it does not flicker, and a stall shows soon. */
const SPAN = 3;

interface Sample {
  readonly at: Millis;
  /** Bytes that the sessions had received, by transfer. */
  readonly bytes: ReadonlyMap<number, Bytes>;
  readonly total: Bytes;
}

/** How fast datagrams come, transfer by transfer and in all: differences between samples of what was counted. */
export class Rates {
  readonly #samples: Sample[] = [];
  readonly #history: BytesPerMilli[] = [];

  /** What came between any two samples in a row, the oldest first. */
  get history(): readonly BytesPerMilli[] {
    return this.#history;
  }

  /** To be called once a second or so; `total` counts what every session received, those that are over included. */
  sample(now: Millis, live: readonly ReceiveProgress[], total: Bytes): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && now <= last.at) return;
    if (last !== undefined) this.#history.push((total - last.total) / (now - last.at));
    if (this.#history.length > HISTORY) this.#history.shift();
    const bytes = new Map(live.map(({ transfer, stats }) => [transfer, stats.bytesReceived]));
    this.#samples.push({ at: now, bytes, total });
    if (this.#samples.length > SPAN + 1) this.#samples.shift();
  }

  /** The rate of a transfer that goes on; 0 before its first sample. A new one counts from the sample before it. */
  of(transfer: number): BytesPerMilli {
    const newest = this.#samples.at(-1);
    const bytes = newest?.bytes.get(transfer);
    if (newest === undefined || bytes === undefined) return 0;
    const known = this.#samples.findIndex((sample) => sample.bytes.has(transfer));
    const from = this.#samples[Math.max(0, known - 1)];
    if (from === undefined || from === newest) return 0;
    return (bytes - (from.bytes.get(transfer) ?? 0)) / (newest.at - from.at);
  }
}
