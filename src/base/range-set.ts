/** A half-open interval of integers: start included, end excluded. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A set of integers kept as sorted, disjoint, non-touching ranges: compact where its members are mostly runs. */
export class RangeSet {
  /** Alternating starts and ends: even indexes start a range, odd ones end it. */
  readonly #edges: number[] = [];

  /** How many ranges there are. */
  get size(): number {
    return this.#edges.length / 2;
  }

  get isEmpty(): boolean {
    return this.#edges.length === 0;
  }

  /** The smallest member; undefined when empty. */
  get first(): number | undefined {
    return this.#edges[0];
  }

  /** One past the largest member; undefined when empty. */
  get end(): number | undefined {
    return this.#edges.at(-1);
  }

  /** The range at `index` in ascending order. */
  at(index: number): Range | undefined {
    const start = this.#edges[2 * index];
    const end = this.#edges[2 * index + 1];
    return start === undefined || end === undefined ? undefined : { start, end };
  }

  has(value: number): boolean {
    return this.#countEdgesUpTo(value) % 2 === 1;
  }

  /** Adds start..end-1; an empty or inverted range adds nothing. */
  add(start: number, end: number): void {
    if (start >= end) return;
    const edges = this.#edges;
    const last = edges.length - 1;
    // Almost every call grows the last range or appends one: no search and no splice for those.
    if (last < 0 || start > (edges[last] as number)) {
      edges.push(start, end);
      return;
    }
    if (start >= (edges[last - 1] as number)) {
      if (end > (edges[last] as number)) edges[last] = end;
      return;
    }
    const from = this.#countEdgesBelow(start);
    const to = this.#countEdgesUpTo(end);
    const replacement: number[] = [];
    if (from % 2 === 0) replacement.push(start);
    if (to % 2 === 0) replacement.push(end);
    edges.splice(from, to - from, ...replacement);
  }

  /** Removes everything below `value`. */
  removeBelow(value: number): void {
    const edges = this.#edges;
    const first = edges[0];
    if (first === undefined || first >= value) return;
    let gone = this.#countEdgesUpTo(value);
    if (gone % 2 === 1) edges[--gone] = value; // inside a range: that range begins here now
    // The last range often goes and comes again: popped, its place is kept.
    if (gone === edges.length) while (edges.length > 0) edges.pop();
    else if (gone > 0) edges.splice(0, gone);
  }

  /** Removes start..end-1. */
  remove(start: number, end: number): void {
    const first = this.first;
    if (start >= end || first === undefined) return;
    if (start <= first) {
      this.removeBelow(end);
      return;
    }
    const from = this.#countEdgesBelow(start);
    const to = this.#countEdgesUpTo(end);
    const replacement: number[] = [];
    if (from % 2 === 1) replacement.push(start);
    if (to % 2 === 1) replacement.push(end);
    this.#edges.splice(from, to - from, ...replacement);
  }

  /** The smallest number from `value` on that is not a member. */
  nextGap(value: number): number {
    const index = this.#countEdgesUpTo(value);
    return index % 2 === 1 ? (this.#edges[index] as number) : value;
  }

  /** The smallest member from `value` on; infinity: none. */
  nextMember(value: number): number {
    const index = this.#countEdgesUpTo(value);
    return index % 2 === 1 ? value : (this.#edges[index] ?? Number.POSITIVE_INFINITY);
  }

  /** Calls `visit` with each range of start..end-1 that is not in the set, ascending. The set must not change meanwhile. */
  forEachGap(start: number, end: number, visit: (start: number, end: number) => void): void {
    let at = start;
    for (let i = this.#countEdgesUpTo(start); at < end; ) {
      if (i % 2 === 1) {
        at = this.#edges[i++] as number;
        continue;
      }
      const gapEnd = Math.min(end, this.#edges[i] ?? end);
      if (gapEnd > at) visit(at, gapEnd);
      at = gapEnd;
      i++;
    }
  }

  /** All ranges, ascending. */
  *[Symbol.iterator](): IterableIterator<Range> {
    for (let i = 0; i < this.size; i++) yield this.at(i) as Range;
  }

  /** Edges <= value: odd when the value is a member. */
  #countEdgesUpTo(value: number): number {
    let low = 0;
    let high = this.#edges.length;
    if (high > 0 && (this.#edges[high - 1] as number) <= value) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#edges[middle] as number) <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Edges < value. */
  #countEdgesBelow(value: number): number {
    let low = 0;
    let high = this.#edges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#edges[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
