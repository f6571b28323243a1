import { createHash, type Hash } from 'node:crypto';
import type { Bytes } from '../base/units.ts';
import type { Difference } from './part/part-verifier.ts';

/** How a sink learns the digest of what is in its part. */
export interface ContentDigest {
  /** These pieces go to the disk next, in order. */
  writing(pieces: readonly Uint8Array[]): void;
  /** So many bytes at this offset are in the file. */
  wrote(offset: Bytes, count: Bytes): void;
  /** In order from offset 0 on, of whole chunks; the views are copied. */
  compare(offset: Bytes, digests: readonly Uint8Array[]): void;
  /** The next answer, once. */
  differing(): Difference | undefined;
  /** Of all `size` bytes; undefined after `stop`. Rejects when they cannot be read. */
  finish(size: Bytes): Promise<Uint8Array | undefined>;
  /** Resolves when the part is not read any more. Never rejects, may be called again. */
  stop(): Promise<void>;
}

/** Of content that comes from its first byte on: made on the way. */
export class PassingDigest implements ContentDigest {
  /** Made when it is needed: hundreds of small files may wait for their content. */
  #hash: Hash | undefined;

  writing(pieces: readonly Uint8Array[]): void {
    this.#hash ??= createHash('sha256');
    for (const piece of pieces) this.#hash.update(piece);
  }

  wrote(): void {}

  compare(): void {}

  differing(): undefined {
    return undefined;
  }

  async finish(): Promise<Uint8Array> {
    return new Uint8Array((this.#hash ?? createHash('sha256')).digest());
  }

  async stop(): Promise<void> {}
}
