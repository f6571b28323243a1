import { RangeSet } from '../base/range-set.ts';
import type { Bytes } from '../base/units.ts';
import { PREFIX_CHUNK } from './message-layout.ts';

/** Some chunks (PREFIX_CHUNK) one behind the other: where the first begins, and how many there are. */
export type ChunkRun = { readonly offset: Bytes; readonly count: number };
/** What an answer says of a run: whether each chunk is missing. */
export type ChunkAnswer = { readonly offset: Bytes; readonly isMissing: readonly boolean[] };

/** PREFIXes that wait for their answers, which come in the same order. */
export class OpenPrefixes {
  readonly #runs: ChunkRun[] = [];

  get count(): number {
    return this.#runs.length;
  }

  /** The oldest without an answer. */
  get first(): ChunkRun | undefined {
    return this.#runs[0];
  }

  add(run: ChunkRun): void {
    this.#runs.push(run);
  }

  /** Takes the answer to the oldest one; false: it answers another, or none. */
  answer({ offset, isMissing }: ChunkAnswer): boolean {
    const first = this.#runs[0];
    if (first?.offset !== offset || first.count !== isMissing.length) return false;
    this.#runs.shift();
    return true;
  }
}

/** The chunks that are sent again: in ascending order, each from its first byte to its last. */
export class Repairs {
  /** The bytes still to come; undefined: there were never any, as of nearly all files. */
  #bytes: RangeSet | undefined;

  get isEmpty(): boolean {
    return this.#bytes?.isEmpty ?? true;
  }

  /** Adds what an answer misses, which lies above what was added before. Returns how many bytes that is. */
  add({ offset, isMissing }: ChunkAnswer): Bytes {
    const missing = isMissing.flatMap((bit, i) => (bit ? [offset + i * PREFIX_CHUNK] : []));
    if (missing.length > 0) this.#bytes ??= new RangeSet();
    for (const start of missing) this.#bytes?.add(start, start + PREFIX_CHUNK);
    return missing.length * PREFIX_CHUNK;
  }

  /** Takes bytes off; false: they are not the next ones of a missing chunk, or reach beyond it. */
  take(offset: Bytes, count: Bytes): boolean {
    if (this.#bytes === undefined || offset !== this.#bytes.first || count > PREFIX_CHUNK - (offset % PREFIX_CHUNK))
      return false;
    this.#bytes.removeBelow(offset + count);
    return true;
  }
}
