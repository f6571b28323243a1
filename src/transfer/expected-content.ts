import type { Bytes } from '../base/units.ts';
import { type ChunkAnswer, OpenPrefixes, Repairs } from './chunks.ts';
import { MAX_UNANSWERED_PREFIXES, PREFIX_CHUNK } from './message-layout.ts';

/** What the sender of one accepted entry may say next. Each `take` answers what is wrong; undefined: nothing. */
export class ExpectedContent {
  readonly #size: Bytes | undefined;
  readonly #from: Bytes;
  #position: Bytes;
  /** Where the next PREFIX begins. */
  #prefixed: Bytes = 0;
  readonly #open = new OpenPrefixes();
  readonly #repairs = new Repairs();

  /** The offered size, and the offset that was asked for: what is below it is compared. */
  constructor(size: Bytes | undefined, from: Bytes) {
    this.#size = size;
    this.#from = from;
    this.#position = from;
  }

  /** Nothing but the digest of so many bytes: nothing is compared, and no content fits. */
  static ofDigest(size: Bytes): ExpectedContent {
    const expected = new ExpectedContent(size, 0);
    expected.#position = size;
    return expected;
  }

  /** Where in the file new content belongs. */
  get position(): Bytes {
    return this.#position;
  }

  /** PREFIXes without an answer. */
  get openPrefixes(): OpenPrefixes {
    return this.#open;
  }

  takeContent(offset: Bytes, count: Bytes): string | undefined {
    if (offset === this.#position) {
      if (offset + count > (this.#size ?? Number.MAX_SAFE_INTEGER)) return 'content beyond the size that was offered';
      this.#position += count;
      return undefined;
    }
    return this.#repairs.take(offset, count) ? undefined : 'content does not continue where it stopped';
  }

  takePrefix(offset: Bytes, count: number): string | undefined {
    if (this.#open.count === MAX_UNANSWERED_PREFIXES) return 'too many prefixes before their answers';
    if (offset !== this.#prefixed) return 'prefix out of order';
    const end = offset + count * PREFIX_CHUNK;
    if (end > this.#from) return 'prefix beyond what there is to compare';
    this.#prefixed = end;
    this.#open.add({ offset, count });
    return undefined;
  }

  takeEnd(size: Bytes): string | undefined {
    if (size !== this.#position) return 'end at another size than was sent';
    if (size !== (this.#size ?? size)) return 'end at another size than was offered';
    if (this.#prefixed < this.#from || this.#open.count > 0) return 'end before all of the prefix was compared';
    if (!this.#repairs.isEmpty) return 'end before all that was missing was sent';
    return undefined;
  }

  /** The answer to the oldest PREFIX goes out: its missing chunks may come. Returns how many bytes that is. */
  answer(answer: ChunkAnswer): Bytes {
    this.#open.answer(answer);
    return this.#repairs.add(answer);
  }
}
