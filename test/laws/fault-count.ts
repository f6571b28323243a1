import type { ChannelStats } from '../../src/channel/stats.ts';

/** Counts what channels did over many runs: a law that was never put to the test proves nothing. */
export class FaultCount {
  readonly counts: Record<string, number> = {};

  add({ lost, duplicated, corrupted, truncated, reordered }: ChannelStats): void {
    const { 'drop-list': _, ...byChance } = lost;
    for (const [fault, count] of Object.entries({ ...byChance, duplicated, corrupted, truncated, reordered })) {
      this.counts[fault] = (this.counts[fault] ?? 0) + count;
    }
  }

  /** Faults that never happened. */
  get missing(): string[] {
    return Object.keys(this.counts).filter((fault) => this.counts[fault] === 0);
  }
}
