import type { Bytes } from '../base/units.ts';
import { MAX_EARLY } from './message-layout.ts';
import type { Content, End, Offer, Verdict } from './messages.ts';

/** Kept until the verdict; wanted: content like all other; unwanted: thrown away. */
type Fate = 'kept' | 'wanted' | 'unwanted';

/** What came before the verdict. */
interface Kept {
  readonly content: readonly Content[];
  readonly isWanted: boolean;
  readonly end: End | undefined;
}

/** What a sender sends of its first file before it knows the verdict: it counts if all of that file is wanted. */
export class EarlyContent {
  readonly #size: Bytes | undefined;
  readonly #most: Bytes;
  #position: Bytes = 0;
  #kept: Content[] = [];
  #end: End | undefined;
  #verdict: Verdict['verdict'] | undefined;
  #fate: Fate = 'kept';

  /** The first offer. */
  constructor({ entryKind, size }: Offer) {
    this.#size = size;
    this.#most = entryKind === 'file' ? Math.min(size ?? 0, MAX_EARLY) : 0;
  }

  /** All of the file came, its end too, and nobody knows yet whether it is wanted. */
  get isWhole(): boolean {
    return this.#end !== undefined && this.#fate === 'kept';
  }

  /** Answers what becomes of the piece, or that it is against the rules. */
  take(piece: Content): Fate | 'wrong' {
    const { entry, offset, bytes } = piece;
    if (entry !== 0 || offset !== this.#position || offset + bytes.length > this.#most) return 'wrong';
    if (this.#end !== undefined) return 'wrong';
    this.#position += bytes.length;
    if (this.#fate === 'kept') this.#kept.push(piece);
    return this.#fate;
  }

  /** The same of an END; wanted: it comes in its turn, or not at all early. */
  takeEnd(end: End): Fate | 'wrong' {
    if (end.entry !== 0 || this.#verdict === 'accept' || this.#verdict === 'compare') return 'wanted';
    // It left behind all of the content, before the verdict was known.
    const isWhole = this.#position > 0 && this.#position === this.#size && end.size === this.#size;
    if (!isWhole || this.#end !== undefined) return 'wrong';
    this.#end = end;
    return this.#fate;
  }

  /** The verdict is known: gives what was kept until then, and whether its content is wanted; an end that is not, is no more. */
  decide({ verdict, offset }: Verdict): Kept {
    const content = this.#kept;
    this.#kept = [];
    this.#verdict = verdict;
    this.#fate = verdict === 'accept' && offset === 0 ? 'wanted' : 'unwanted';
    const end = verdict === 'accept' || verdict === 'compare' ? this.#end : undefined;
    return { content, isWanted: this.#fate === 'wanted', end };
  }
}
