import type { Bytes } from '../base/units.ts';
import type { CreateDigest, Digest } from './digest.ts';
import type { GeneratedContent, MemorySourceOptions } from './memory-source.ts';
import { MAX_PREFIX_CHUNKS, MAX_UNANSWERED_PREFIXES, PREFIX_CHUNK } from './message-layout.ts';
import type { SourcePiece } from './ports.ts';

/** The digests of a source in memory: of the chunks below an offset, and of all of it. */
export class MemoryPrefix {
  readonly #content: GeneratedContent;
  readonly #end: Bytes;
  readonly #createDigest: CreateDigest;
  readonly #batch: number;
  readonly #whole: Digest;
  /** Chunks below were given. */
  #given: Bytes = 0;
  /** Bytes in the digest of all. */
  #digested: Bytes = 0;
  /** Pieces given that have no answer. */
  unanswered = 0;

  /** Of the chunks below `end`, so many in one piece. */
  constructor(
    content: GeneratedContent,
    end: Bytes,
    createDigest: CreateDigest,
    { prefixChunks = MAX_PREFIX_CHUNKS }: MemorySourceOptions,
  ) {
    this.#content = content;
    this.#end = end;
    this.#createDigest = createDigest;
    this.#batch = prefixChunks;
    this.#whole = createDigest();
  }

  /** The next digests; undefined: all were given, or too many wait for their answers. */
  poll(): SourcePiece | undefined {
    if (this.#given === this.#end || this.unanswered === MAX_UNANSWERED_PREFIXES) return undefined;
    const offset = this.#given;
    const digests: Uint8Array[] = [];
    for (; this.#given < this.#end && digests.length < this.#batch; this.#given += PREFIX_CHUNK) {
      const chunk = this.#content.generate(this.#given, PREFIX_CHUNK);
      const digest = this.#createDigest();
      digest.update(chunk);
      digests.push(digest.digest());
      this.follow(this.#given, chunk);
    }
    this.unanswered++;
    return { kind: 'prefix', offset, digests };
  }

  /** These bytes are being read anyway: they need not be read again if their turn is now. */
  follow(offset: Bytes, bytes: Uint8Array): void {
    if (offset !== this.#digested) return;
    this.#whole.update(bytes);
    this.#digested += bytes.length;
  }

  /** The digest of all that many bytes. */
  digestOf(size: Bytes): Uint8Array {
    while (this.#digested < size) {
      this.follow(this.#digested, this.#content.generate(this.#digested, Math.min(65_536, size - this.#digested)));
    }
    return this.#whole.digest();
  }
}
