import type { Bytes } from '../base/units.ts';
import { TRANSFER_CODE } from './codes.ts';
import { Delay } from './delay.ts';
import type { CreateDigest } from './digest.ts';
import { MemoryPrefix } from './memory-prefix.ts';
import { PREFIX_CHUNK } from './message-layout.ts';
import type { OutgoingEntry, Source, SourcePiece, Wanted } from './ports.ts';
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
  /** Chunks whose digests come in one piece; as many as fit unless given. */
  readonly prefixChunks?: number;
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
    open: (wanted, wake) => new MemorySource(generated, wanted, createDigest, options, wake),
  };
}

const holding = (bytes: Uint8Array): GeneratedContent => ({
  size: bytes.length,
  generate: (offset, length) => bytes.slice(offset, offset + length),
});

class MemorySource implements Source {
  readonly #content: GeneratedContent;
  readonly #prefix: MemoryPrefix;
  readonly #pieceSize: Bytes;
  readonly #failure: MemorySourceOptions['failure'];
  readonly #delay: Delay;
  readonly #wake: () => void;
  #due: number;
  #offset: Bytes;
  /** Chunks to send again, and how much of the first was given. */
  readonly #missing: Bytes[] = [];
  #given: Bytes = 0;
  /** What is new and what is below it take turns. */
  #isTailFirst = false;
  #finished = false;

  constructor(
    content: GeneratedContent,
    wanted: Wanted,
    createDigest: CreateDigest,
    options: MemorySourceOptions,
    wake: () => void,
  ) {
    this.#content = content;
    this.#prefix = new MemoryPrefix(content, wanted.kind === 'content' ? wanted.from : 0, createDigest, options);
    this.#pieceSize = options.pieceSize ?? 65_536;
    this.#failure = options.failure;
    this.#delay = options.delay ?? new Delay();
    this.#wake = wake;
    this.#due = this.#delay.start(wake);
    this.#offset = wanted.kind === 'content' ? wanted.from : content.size;
  }

  poll(): SourcePiece | undefined {
    if (this.#finished || !this.#delay.passed(this.#due)) return undefined;
    this.#isTailFirst = !this.#isTailFirst;
    const tail = this.#isTailFirst ? this.#pollTail() : undefined;
    const piece = tail ?? this.#prefix.poll() ?? this.#pollMissing() ?? this.#pollTail() ?? this.#pollEnd();
    if (piece?.kind === 'end' || piece?.kind === 'failed') this.#finished = true;
    else if (piece !== undefined) this.#due = this.#delay.start(this.#wake);
    return piece;
  }

  resend(offset: Bytes, isMissing: readonly boolean[]): void {
    this.#prefix.unanswered--;
    for (const [i, bit] of isMissing.entries()) if (bit) this.#missing.push(offset + i * PREFIX_CHUNK);
  }

  close(): void {
    this.#finished = true;
  }

  #pollMissing(): SourcePiece | undefined {
    const [chunk] = this.#missing;
    if (chunk === undefined) return undefined;
    const offset = chunk + this.#given;
    const length = Math.min(this.#pieceSize, PREFIX_CHUNK - this.#given);
    this.#given += length;
    if (this.#given === PREFIX_CHUNK) {
      this.#missing.shift();
      this.#given = 0;
    }
    return { kind: 'bytes', offset, bytes: this.#content.generate(offset, length) };
  }

  #pollTail(): SourcePiece | undefined {
    const stop = Math.min(this.#content.size, this.#failure?.after ?? Number.POSITIVE_INFINITY);
    if (this.#offset >= stop) return undefined;
    const offset = this.#offset;
    const bytes = this.#content.generate(offset, Math.min(this.#pieceSize, stop - offset));
    this.#prefix.follow(offset, bytes);
    this.#offset += bytes.length;
    return { kind: 'bytes', offset, bytes };
  }

  #pollEnd(): SourcePiece | undefined {
    if (this.#failure !== undefined) {
      return { kind: 'failed', code: this.#failure.code || TRANSFER_CODE.sourceUnreadable, text: 'the source failed' };
    }
    if (this.#prefix.unanswered > 0) return undefined;
    return { kind: 'end', size: this.#offset, digest: this.#prefix.digestOf(this.#offset) };
  }
}
