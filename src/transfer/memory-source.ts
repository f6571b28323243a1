import type { Bytes } from '../base/units.ts';
import { TRANSFER_CODE } from './codes.ts';
import { Delay } from './delay.ts';
import type { CreateDigest, Digest } from './digest.ts';
import type { OutgoingEntry, Source, SourcePiece } from './ports.ts';
import { encodeText } from './text.ts';

/** Content that is computed when it is asked for: gigabytes need no memory. */
export type GeneratedContent = {
  readonly size: Bytes;
  /** A fresh array with the bytes from `offset` on, exactly `length` of them. */
  generate(offset: Bytes, length: Bytes): Uint8Array;
};

export type MemorySourceOptions = {
  /** Bytes in one piece; 64 KiB unless given. */
  readonly pieceSize?: Bytes;
  /** False: offered without a size, like a pipe. */
  readonly sizeKnown?: boolean;
  /** Fails with this code after so many bytes. */
  readonly failure?: { readonly after: Bytes; readonly code: number };
  /** Every piece takes its time. */
  readonly delay?: Delay;
};

/** An entry to send that lives in memory; its path is one component. */
export function memoryEntry(
  name: string,
  content: Uint8Array | GeneratedContent,
  createDigest: CreateDigest,
  options: MemorySourceOptions = {},
): OutgoingEntry {
  const generated = content instanceof Uint8Array ? holding(content) : content;
  const size = options.sizeKnown === false ? undefined : generated.size;
  const path = [encodeText(name)];
  return {
    offer: {
      entryKind: 'file',
      size,
      mtime: undefined,
      mode: undefined,
      fresh: false,
      path,
      target: new Uint8Array(0),
    },
    open: (_wanted, wake) => new MemorySource(generated, createDigest(), options, wake),
  };
}

const holding = (bytes: Uint8Array): GeneratedContent => ({
  size: bytes.length,
  generate: (offset, length) => bytes.slice(offset, offset + length),
});

class MemorySource implements Source {
  readonly #content: GeneratedContent;
  readonly #digest: Digest;
  readonly #pieceSize: Bytes;
  readonly #failure: MemorySourceOptions['failure'];
  readonly #delay: Delay;
  readonly #wake: () => void;
  #due: number;
  #offset: Bytes = 0;
  #finished = false;

  constructor(content: GeneratedContent, digest: Digest, options: MemorySourceOptions, wake: () => void) {
    this.#content = content;
    this.#digest = digest;
    this.#pieceSize = options.pieceSize ?? 65_536;
    this.#failure = options.failure;
    this.#delay = options.delay ?? new Delay();
    this.#wake = wake;
    this.#due = this.#delay.start(wake);
  }

  poll(): SourcePiece | undefined {
    if (this.#finished || !this.#delay.passed(this.#due)) return undefined;
    const stop = Math.min(this.#content.size, this.#failure?.after ?? Number.POSITIVE_INFINITY);
    if (this.#offset < stop) {
      const bytes = this.#content.generate(this.#offset, Math.min(this.#pieceSize, stop - this.#offset));
      this.#digest.update(bytes);
      const offset = this.#offset;
      this.#offset += bytes.length;
      this.#due = this.#delay.start(this.#wake);
      return { kind: 'bytes', offset, bytes };
    }
    this.#finished = true;
    if (this.#failure === undefined) return { kind: 'end', size: this.#offset, digest: this.#digest.digest() };
    return { kind: 'failed', code: this.#failure.code || TRANSFER_CODE.sourceUnreadable, text: 'the source failed' };
  }

  resend(): void {}

  close(): void {
    this.#finished = true;
  }
}
