import type { Bytes } from '../base/units.ts';
import type { ReceivedFile, ReceiveEvent } from '../receive/receive-event.ts';
import type { ReceiveProgress } from '../receive/receive-progress.ts';
import { emptyStats, type SessionStats } from '../session/stats.ts';

type Ended = Extract<ReceiveEvent, { kind: 'ended' }>;

/** Transfers that ended and are still shown. */
const REMEMBERED = 20;

/** What a receiver did since it began, of all its transfers together. Only ever grows, but for `recent`. */
export class Totals {
  /** Transfers that ended, by how. */
  readonly transfers = new Map<Ended['end'], number>();
  /** Files, by what became of them. */
  readonly files = new Map<ReceivedFile['status'], number>();
  /** Sizes of the files that were stored. */
  storedBytes: Bytes = 0;
  /** The newest first. */
  readonly recent: Ended[] = [];
  readonly #ended = emptyStats();

  take(event: ReceiveEvent): void {
    if (event.kind === 'file') {
      count(this.files, event.file.status);
      if (event.file.status === 'stored') this.storedBytes += event.file.size ?? 0;
    }
    if (event.kind !== 'ended') return;
    count(this.transfers, event.end);
    add(this.#ended, event.stats);
    this.recent.unshift({ ...event, stats: { ...event.stats } });
    this.recent.length = Math.min(this.recent.length, REMEMBERED);
  }

  /** The counts of all sessions: those that ended, and those that go on. */
  sessions(live: readonly ReceiveProgress[]): SessionStats {
    const sum = { ...this.#ended };
    for (const { stats } of live) add(sum, stats);
    return sum;
  }
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function add(sum: SessionStats, stats: SessionStats): void {
  for (const key of Object.keys(sum) as (keyof SessionStats)[]) sum[key] += stats[key];
}
