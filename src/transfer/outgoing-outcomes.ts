import type { Bytes } from '../base/units.ts';
import { type EntryOutcome, HAD_NOTHING, type Had, type TransferProgress } from './outcome.ts';

/** What became of the entries that are sent, each by its place in their list, and how far all of them are. */
export class OutgoingOutcomes {
  readonly #outcomes: (EntryOutcome | undefined)[];
  /** Of the accepted entries. */
  readonly #had = new Map<number, Had>();
  #resumptions: { readonly index: number; readonly offset: Bytes }[] = [];
  #done = 0;
  #bytes: Bytes = 0;
  #resumed: Bytes = 0;
  #bytesTotal: Bytes;

  /** So many entries, and the sum of their known sizes. */
  constructor(entries: number, bytesTotal: Bytes) {
    this.#outcomes = new Array<undefined>(entries).fill(undefined);
    this.#bytesTotal = bytesTotal;
  }

  /** Undefined: not known yet. */
  get all(): readonly (EntryOutcome | undefined)[] {
    return this.#outcomes;
  }

  /** What the receiver had of each accepted entry. */
  get had(): ReadonlyMap<number, Had> {
    return this.#had;
  }

  get progress(): TransferProgress {
    return {
      entries: this.#outcomes.length,
      entriesDone: this.#done,
      bytes: this.#bytes,
      resumed: this.#resumed,
      bytesTotal: this.#bytesTotal,
    };
  }

  hadOf(index: number): Had {
    return this.#had.get(index) ?? HAD_NOTHING;
  }

  /** The entries since the last call that go on from an offset. */
  takeResumptions(): readonly { readonly index: number; readonly offset: Bytes }[] {
    const resumptions = this.#resumptions;
    this.#resumptions = [];
    return resumptions;
  }

  /** Its content goes on from there: the receiver has what is before it. */
  accept(index: number, offset: Bytes): void {
    this.resume(index, offset);
    if (offset > 0) this.#resumptions.push({ index, offset });
  }

  /** The receiver has all of it, as it seems. */
  compare(index: number, size: Bytes): void {
    this.resume(index, size, true);
  }

  /** The receiver turns out to have so many bytes more of it than was thought. */
  resume(index: number, bytes: Bytes, alreadyThere = false): void {
    this.#had.set(index, { resumed: this.hadOf(index).resumed + bytes, alreadyThere });
    this.#bytes += bytes;
    this.#resumed += bytes;
  }

  /** So much content was given to the stream. */
  count(bytes: Bytes): void {
    this.#bytes += bytes;
  }

  /** What became of it. */
  settle(index: number, outcome: EntryOutcome): void {
    this.#outcomes[index] = outcome;
    this.#done++;
  }

  /** The same of one of which nothing is sent. */
  leaveOut(index: number, outcome: EntryOutcome): void {
    this.#bytesTotal -= outcome.size ?? 0;
    this.settle(index, outcome);
  }
}
