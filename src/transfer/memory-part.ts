import type { Bytes } from '../base/units.ts';
import type { CreateDigest, Digest } from './digest.ts';
import { PREFIX_CHUNK } from './message-layout.ts';

/** What a store in memory has of an entry that is not published. */
export interface MemoryPart {
  /** Where its last byte ends. */
  readonly size: Bytes;
  write(bytes: Uint8Array, offset: Bytes): void;
  /** The SHA-256 of all of it. */
  digest(): Uint8Array;
  /** The SHA-256 of one chunk. */
  digestOf(chunk: Bytes): Uint8Array;
  /** All of it; undefined: it was not kept. */
  readonly bytes: Uint8Array | undefined;
}

/** Keeps every byte. */
export class WholePart implements MemoryPart {
  readonly #createDigest: CreateDigest;
  #buffer: Uint8Array;
  #size: Bytes;

  /** Begins with the bytes of an earlier time. */
  constructor(createDigest: CreateDigest, kept = new Uint8Array(0)) {
    this.#createDigest = createDigest;
    this.#buffer = kept;
    this.#size = kept.length;
  }

  get size(): Bytes {
    return this.#size;
  }

  write(bytes: Uint8Array, offset: Bytes): void {
    const end = offset + bytes.length;
    if (end > this.#buffer.length) {
      const larger = new Uint8Array(2 * end);
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, offset);
    this.#size = Math.max(this.#size, end);
  }

  digest(): Uint8Array {
    return this.#digestOf(this.#buffer.subarray(0, this.#size));
  }

  digestOf(chunk: Bytes): Uint8Array {
    return this.#digestOf(this.#buffer.subarray(chunk, chunk + PREFIX_CHUNK));
  }

  get bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#size);
  }

  #digestOf(bytes: Uint8Array): Uint8Array {
    const digest = this.#createDigest();
    digest.update(bytes);
    return digest.digest();
  }
}

/** Keeps only the digest, of bytes that come in order: gigabytes need no memory, and nothing can be resumed. */
export class DigestedPart implements MemoryPart {
  readonly bytes = undefined;
  readonly #digest: Digest;
  #size: Bytes = 0;

  constructor(createDigest: CreateDigest) {
    this.#digest = createDigest();
  }

  get size(): Bytes {
    return this.#size;
  }

  write(bytes: Uint8Array): void {
    this.#digest.update(bytes);
    this.#size += bytes.length;
  }

  digest(): Uint8Array {
    return this.#digest.digest();
  }

  digestOf(): Uint8Array {
    return new Uint8Array(0);
  }
}
