import { SeededPrng } from '../base/prng.ts';
import type { Bytes, Millis } from '../base/units.ts';
import { Draft, type Impairment } from './draft.ts';
import { Blackout } from './impairments/blackout.ts';
import { Burst } from './impairments/burst.ts';
import { Corrupt } from './impairments/corrupt.ts';
import { Delay } from './impairments/delay.ts';
import { DropList } from './impairments/drop-list.ts';
import { Duplicate } from './impairments/duplicate.ts';
import { Jitter } from './impairments/jitter.ts';
import { Loss } from './impairments/loss.ts';
import { Mtu } from './impairments/mtu.ts';
import { Rate } from './impairments/rate.ts';
import { Reorder } from './impairments/reorder.ts';
import { Truncate } from './impairments/truncate.ts';
import type { ChannelSpec } from './spec.ts';
import type { Judge, Verdict } from './verdict.ts';

/** The smallest default for the bottleneck's queue. */
const MIN_QUEUE: Bytes = 64 * 1024;

/**
 * Verdicts from a spec and a seed. The order: what is lost on the way to the bottleneck, then duplicates, then the
 * bottleneck (so what was lost takes no room there, and a duplicate does), then the delays, then damage.
 */
export class Impairments implements Judge {
  readonly #chain: readonly Impairment[];
  readonly #rate: Rate | undefined;

  /** The spec is sound (`validateSpec`). */
  constructor(spec: ChannelSpec, seed: number, direction: string) {
    const prng = (name: string): SeededPrng => new SeededPrng(seed, `${direction}/${name}`);
    const { dropList, blackouts, mtu, loss, burst, duplicate, rate, delay, jitter, reorder, truncate, corrupt } = spec;
    this.#rate =
      rate === undefined ? undefined : new Rate(rate, spec.queue ?? Math.max(MIN_QUEUE, rate * (delay ?? 0)));
    const chain = [
      dropList && new DropList(dropList),
      blackouts && new Blackout(blackouts),
      mtu !== undefined && new Mtu(mtu),
      loss && new Loss(loss, prng('loss')),
      burst && new Burst(burst, prng('burst')),
      duplicate && new Duplicate(duplicate, prng('duplicate')),
      this.#rate,
      delay && new Delay(delay),
      jitter && new Jitter(jitter, prng('jitter')),
      reorder && new Reorder(reorder, prng('reorder')),
      truncate && new Truncate(truncate, prng('truncate')),
      corrupt && new Corrupt(corrupt, prng('corrupt')),
    ];
    this.#chain = chain.filter((impairment) => typeof impairment === 'object');
  }

  get maxQueue(): Bytes {
    return this.#rate?.maxQueue ?? 0;
  }

  judge(now: Millis, index: number, size: Bytes, full: boolean): Verdict {
    const draft = new Draft(now, index, size);
    // Lost from the start, but still shown to each impairment: they draw for it.
    if (full) draft.drop('queue');
    for (const impairment of this.#chain) impairment.apply(draft);
    return draft.toVerdict();
  }
}
