import { expect, test } from 'vitest';
import type { Progress } from '../../../src/cli/progress/progress.ts';
import type { ProgressSnapshot } from '../../../src/cli/progress/progress-tracker.ts';
import { TransfersDisplay } from '../../../src/cli/progress/transfers-display.ts';
import type { ReceiveProgress } from '../../../src/receive/receive-progress.ts';
import { emptyStats } from '../../../src/session/stats.ts';

/** Remembers what it was told, `rest` as a word. */
class Told implements Progress {
  readonly log: (Pick<ProgressSnapshot, 'name' | 'bytes' | 'total'> | 'rest')[] = [];

  update(_now: number, { name, bytes, total }: ProgressSnapshot): void {
    this.log.push({ name, bytes, total });
  }
  rest(): void {
    this.log.push('rest');
  }
  note(): void {}
  finish(): void {}
}

const transfer = (id: number, bytes: number, name?: string): ReceiveProgress => ({
  transfer: id,
  peer: `peer ${id}`,
  name,
  bytes,
  resumed: 0,
  bytesTotal: 100,
  elapsed: 0,
  srtt: undefined,
  stats: emptyStats(),
});

test('TransfersDisplay shows one transfer by its file, several by their sum, and begins anew when one comes or goes', () => {
  const told = new Told();
  const display = new TransfersDisplay(told);
  display.update([]);
  display.update([transfer(1, 0)]);
  display.update([transfer(1, 90, 'a')]);
  display.update([transfer(1, 95, 'a'), transfer(2, 10, 'b')]);
  display.update([transfer(2, 20, 'b')]);
  display.update([]);
  display.update([]);
  expect(told.log).toEqual([
    'rest',
    { name: 'peer 1', bytes: 0, total: 100 },
    { name: 'a', bytes: 90, total: 100 },
    'rest',
    { name: '2 transfers', bytes: 105, total: 200 },
    'rest',
    { name: 'b', bytes: 20, total: 100 },
    'rest',
  ]);
});
