import type { Draft, Impairment } from '../draft.ts';
import type { IndexRange } from '../spec.ts';

/** Loses exactly the datagrams named. No randomness. */
export class DropList implements Impairment {
  /** By `first`; those that lie behind the datagram last seen are skipped for good. */
  readonly #ranges: readonly IndexRange[];
  #position = 0;

  constructor(ranges: readonly IndexRange[]) {
    this.#ranges = [...ranges].sort((a, b) => a.first - b.first);
  }

  apply(draft: Draft): void {
    let range = this.#ranges[this.#position];
    while (range !== undefined && range.last < draft.index) range = this.#ranges[++this.#position];
    if (range !== undefined && range.first <= draft.index) draft.drop('drop-list');
  }
}
