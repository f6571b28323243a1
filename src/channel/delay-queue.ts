import type { Millis } from '../base/units.ts';

interface Entry<T> {
  readonly at: Millis;
  /** Breaks ties: what was pushed first comes out first. */
  readonly sequence: number;
  readonly item: T;
}

const isBefore = (a: Entry<unknown>, b: Entry<unknown>): boolean =>
  a.at < b.at || (a.at === b.at && a.sequence < b.sequence);

/** Items ordered by when they are due, and by their order of arrival where that is equal: a binary heap. */
export class DelayQueue<T> {
  /** The children of the entry at i are at 2i + 1 and 2i + 2, and neither is before it. */
  readonly #heap: Entry<T>[] = [];
  #sequence = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** When the first item is due; undefined if there is none. */
  nextDue(): Millis | undefined {
    return this.#heap[0]?.at;
  }

  push(at: Millis, item: T): void {
    const entry = { at, sequence: this.#sequence++, item };
    let hole = this.#heap.length;
    while (hole > 0) {
      const parentAt = (hole - 1) >>> 1;
      const parent = this.#heap[parentAt];
      if (parent === undefined || !isBefore(entry, parent)) break;
      this.#heap[hole] = parent;
      hole = parentAt;
    }
    this.#heap[hole] = entry;
  }

  /** Takes the first item out if it is due by `now`. */
  popDue(now: Millis): T | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && last !== first) this.#sink(last);
    return first.item;
  }

  /** Puts `entry` in place of the root, and lets it sink to where it belongs. */
  #sink(entry: Entry<T>): void {
    let hole = 0;
    for (;;) {
      const left = this.#heap[2 * hole + 1];
      const right = this.#heap[2 * hole + 2];
      const isRight = left !== undefined && right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (child === undefined || !isBefore(child, entry)) break;
      this.#heap[hole] = child;
      hole = 2 * hole + (isRight ? 2 : 1);
    }
    this.#heap[hole] = entry;
  }
}
