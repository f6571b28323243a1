import { clock } from '../../net/driver.ts';
import type { ReceiveProgress } from '../../receive/receive-progress.ts';
import type { Progress } from './progress.ts';

/** All transfers of a receiver as one progress, which begins anew whenever a transfer begins or ends. */
export class TransfersDisplay {
  readonly #progress: Progress;
  #shown = '';

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  /** To be called with those that are going on, often. */
  update(transfers: readonly ReceiveProgress[]): void {
    const ids = transfers.map(({ transfer }) => transfer).join();
    if (ids !== this.#shown) this.#progress.rest();
    this.#shown = ids;
    const [first, ...others] = transfers;
    if (first === undefined) return;
    const sum = (of: (one: ReceiveProgress) => number): number => transfers.reduce((total, one) => total + of(one), 0);
    this.#progress.update(clock(), {
      name: others.length === 0 ? (first.name ?? first.peer) : `${transfers.length} transfers`,
      bytes: sum(({ bytes }) => bytes),
      resumed: sum(({ resumed }) => resumed),
      total: transfers.some(({ bytesTotal }) => bytesTotal === undefined)
        ? undefined
        : sum(({ bytesTotal = 0 }) => bytesTotal),
    });
  }
}
