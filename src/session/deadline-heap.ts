import type { Millis } from '../base/units.ts';

/** Things with a deadline each, the earliest at hand: a binary heap that knows where each of them is. */
export class DeadlineHeap<T> {
  readonly #entries: { readonly item: T; at: Millis }[] = [];
  readonly #index = new Map<T, number>();

  /** The earliest deadline; undefined: there is none. */
  get earliest(): Millis | undefined {
    return this.#entries[0]?.at;
  }

  /** The item whose deadline that is. */
  get first(): T | undefined {
    return this.#entries[0]?.item;
  }

  /** Gives an item its deadline, its only one; undefined: none any more. */
  set(item: T, at: Millis | undefined): void {
    const index = this.#index.get(item);
    if (at === undefined) {
      if (index !== undefined) this.#remove(index);
    } else if (index === undefined) {
      this.#put(this.#entries.length, { item, at });
      this.#rise(this.#entries.length - 1);
    } else {
      const entry = this.#entries[index] as { item: T; at: Millis };
      if (entry.at === at) return;
      entry.at = at;
      this.#settle(index);
    }
  }

  /** Takes out the item whose deadline is the earliest, if that is not after `now`. */
  pollDue(now: Millis): T | undefined {
    const first = this.#entries[0];
    if (first === undefined || first.at > now) return undefined;
    this.#remove(0);
    return first.item;
  }

  #remove(index: number): void {
    const removed = this.#entries[index];
    const last = this.#entries.pop();
    if (removed === undefined || last === undefined) return;
    this.#index.delete(removed.item);
    if (removed === last) return;
    this.#put(index, last);
    this.#settle(index);
  }

  #settle(index: number): void {
    this.#rise(index);
    this.#sink(index);
  }

  #rise(index: number): void {
    for (let at = index; at > 0; ) {
      const parent = (at - 1) >>> 1;
      if (!this.#swapIfEarlier(at, parent)) return;
      at = parent;
    }
  }

  #sink(index: number): void {
    for (let at = index; ; ) {
      const left = 2 * at + 1;
      const child = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (child >= this.#entries.length || !this.#swapIfEarlier(child, at)) return;
      at = child;
    }
  }

  #swapIfEarlier(child: number, parent: number): boolean {
    const below = this.#entries[child];
    const above = this.#entries[parent];
    if (below === undefined || above === undefined || below.at >= above.at) return false;
    this.#put(parent, below);
    this.#put(child, above);
    return true;
  }

  #at(index: number): Millis {
    return this.#entries[index]?.at ?? Number.POSITIVE_INFINITY;
  }

  #put(index: number, entry: { readonly item: T; at: Millis }): void {
    this.#entries[index] = entry;
    this.#index.set(entry.item, index);
  }
}
