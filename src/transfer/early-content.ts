import type { Bytes } from '../base/units.ts';
import { MAX_EARLY } from './message-layout.ts';
import type { Content, Offer } from './messages.ts';

/** Kept until the verdict; wanted: content like all other; unwanted: thrown away. */
type Fate = 'kept' | 'wanted' | 'unwanted';

/** What a sender sends of its first file before it knows the verdict: it counts if all of that file is wanted. */
export class EarlyContent {
  readonly #most: Bytes;
  #position: Bytes = 0;
  #kept: Content[] = [];
  #fate: Fate = 'kept';

  /** The first offer. */
  constructor({ entryKind, size }: Offer) {
    this.#most = entryKind === 'file' ? Math.min(size ?? 0, MAX_EARLY) : 0;
  }

  /** Answers what becomes of the piece, or that it is against the rules. */
  take(piece: Content): Fate | 'wrong' {
    const { entry, offset, bytes } = piece;
    if (entry !== 0 || offset !== this.#position || offset + bytes.length > this.#most) return 'wrong';
    this.#position += bytes.length;
    if (this.#fate === 'kept') this.#kept.push(piece);
    return this.#fate;
  }

  /** The verdict is known: gives what was kept until then. */
  decide(isWanted: boolean): readonly Content[] {
    const kept = this.#kept;
    this.#kept = [];
    this.#fate = isWanted ? 'wanted' : 'unwanted';
    return kept;
  }
}
