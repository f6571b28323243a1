import { createHash } from 'node:crypto';
import type { Bytes } from '../../base/units.ts';
import { PREFIX_CHUNK } from '../../transfer/message-layout.ts';
import { equalBytes } from '../../transfer/outcome.ts';
import { Bell } from '../bell.ts';
import type { ContentDigest } from '../content-digest.ts';
import type { InTurn } from '../gate.ts';
import type { PartFile } from './part-file.ts';

/** The answer to one `compare`. */
export interface Difference {
  readonly offset: Bytes;
  readonly isMissing: readonly boolean[];
}

/**
 * Looks through a part that an earlier transfer left, beside the writing of its tail: compares its chunks with the
 * sender's digests, and makes the digest of the whole from what is really in the file. That one follows the comparison
 * and then the tail as it is written, both in the page cache, so that little is left at the end; at a chunk that
 * differs it waits until that was sent again.
 */
export class PartVerifier implements ContentDigest {
  readonly #part: Pick<PartFile, 'read'>;
  /** What an earlier transfer left. */
  readonly #kept: Bytes;
  readonly #inTurn: InTurn;
  readonly #wake: () => void;
  readonly #bell = new Bell();
  readonly #buffer = new Uint8Array(PREFIX_CHUNK);
  readonly #hash = createHash('sha256');
  /** Resolves when the part is not read any more. */
  readonly #running: Promise<void>;
  #hashed: Bytes = 0;
  #compared: Bytes = 0;
  /** The end of the tail. */
  #written: Bytes;
  readonly #asked: { readonly offset: Bytes; readonly digests: readonly Uint8Array[] }[] = [];
  readonly #answers: Difference[] = [];
  /** Chunks that differed and were not sent again yet, in order. */
  readonly #missing: Bytes[] = [];
  /** All of so many bytes is there. */
  #size: Bytes | undefined;
  #failure: unknown;
  #stopped = false;

  constructor(part: Pick<PartFile, 'read'>, kept: Bytes, inTurn: InTurn, wake: () => void) {
    this.#part = part;
    this.#kept = kept;
    this.#written = kept;
    this.#inTurn = inTurn;
    this.#wake = wake;
    this.#running = this.#run();
  }

  writing(): void {}

  compare(offset: Bytes, digests: readonly Uint8Array[]): void {
    this.#asked.push({ offset, digests: digests.map((digest) => digest.slice()) });
    this.#bell.ring();
  }

  differing(): Difference | undefined {
    return this.#answers.shift();
  }

  wrote(offset: Bytes, count: Bytes): void {
    const end = offset + count;
    if (end > this.#kept) this.#written = Math.max(this.#written, end);
    for (let chunk = this.#missing[0]; chunk !== undefined; chunk = this.#missing[0]) {
      const chunkEnd = chunk + PREFIX_CHUNK;
      if (offset >= chunkEnd || end < chunkEnd) break;
      this.#missing.shift();
    }
    this.#bell.ring();
  }

  async finish(size: Bytes): Promise<Uint8Array | undefined> {
    this.#size = size;
    this.#bell.ring();
    await this.#running;
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#stopped) return undefined;
    return new Uint8Array(this.#hash.digest());
  }

  stop(): Promise<void> {
    this.#stopped = true;
    this.#bell.ring();
    return this.#running;
  }

  async #run(): Promise<void> {
    try {
      while (!this.#stopped && this.#hashed !== this.#size) {
        const asked = this.#asked[0];
        if (asked !== undefined && this.#size === undefined) await this.#compareAll(asked);
        else if (this.#hashed < this.#limit) await this.#inTurn(() => this.#hashOn());
        else await this.#bell.wait();
      }
    } catch (error) {
      this.#failure = error;
    }
  }

  /** How far the digest of the whole may go now. */
  get #limit(): Bytes {
    return this.#size ?? this.#missing[0] ?? (this.#compared < this.#kept ? this.#compared : this.#written);
  }

  async #hashOn(): Promise<void> {
    if (this.#stopped) return;
    const piece = this.#buffer.subarray(0, Math.min(PREFIX_CHUNK, this.#limit - this.#hashed));
    await this.#part.read(piece, this.#hashed);
    this.#hash.update(piece);
    this.#hashed += piece.length;
  }

  async #compareAll({ offset, digests }: { offset: Bytes; digests: readonly Uint8Array[] }): Promise<void> {
    const isMissing: boolean[] = [];
    for (const [i, digest] of digests.entries()) {
      const isEqual = await this.#inTurn(
        async () => this.#stopped || this.#compareOne(offset + i * PREFIX_CHUNK, digest),
      );
      if (this.#stopped) return;
      isMissing.push(!isEqual);
    }
    this.#asked.shift();
    this.#answers.push({ offset, isMissing });
    this.#wake();
  }

  /** Whether the chunk is the sender's. One that cannot be read is not. */
  async #compareOne(offset: Bytes, digest: Uint8Array): Promise<boolean> {
    const isEqual = await this.#part.read(this.#buffer, offset).then(
      () => equalBytes(createHash('sha256').update(this.#buffer).digest(), digest),
      () => false,
    );
    if (isEqual && this.#hashed === offset) {
      this.#hash.update(this.#buffer);
      this.#hashed += PREFIX_CHUNK;
    }
    if (!isEqual) this.#missing.push(offset);
    this.#compared = offset + PREFIX_CHUNK;
    return isEqual;
  }
}
