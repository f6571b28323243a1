import { createHash, type Hash } from 'node:crypto';
import type { Bytes } from '../../base/units.ts';
import { MAX_PREFIX_CHUNKS, MAX_UNANSWERED_PREFIXES, PREFIX_CHUNK } from '../../transfer/message-layout.ts';
import type { Source, SourcePiece } from '../../transfer/ports.ts';
import { Bell } from '../bell.ts';
import type { OpenFile } from '../descriptor.ts';
import type { FileSystem } from '../file-system.ts';
import { AHEAD, Changed, fill, PIECE, readAt, readUnchanged, type SourceFile } from './file-source.ts';

/** Chunks in the first prefix piece: the receiver can begin to compare at once. Each later one tells of twice as many. */
const FIRST_CHUNKS = 2;
/** Chunks to send again that are read ahead. */
const REPAIRS_AHEAD = 2;

/**
 * Reads a file of which the receiver has the beginning. Three readers share it: one gives the tail at once, as a fresh
 * transfer would; one gives the digests of the chunks before it, and goes on through the tail for the digest of the
 * whole, behind the first so that it finds the bytes in the page cache; one gives what the receiver lacks.
 */
export class ResumedSource implements Source {
  readonly #from: Bytes;
  readonly #wake: () => void;
  readonly #prefixes: SourcePiece[] = [];
  readonly #repairs: SourcePiece[] = [];
  readonly #tail: SourcePiece[] = [];
  #end: SourcePiece | undefined;
  /** One for each reader. */
  readonly #bells = { tail: new Bell(), whole: new Bell(), repair: new Bell() };
  /** How far the tail was read. */
  #tailRead: Bytes;
  #unanswered = 0;
  #allAsked = false;
  /** Offsets of chunks that the receiver lacks and that were not read yet. */
  readonly #lacking: Bytes[] = [];
  #hungry = false; // the last poll got nothing
  #stopped = false; // closed, or a reader failed
  #closed = false;

  /** `from` is a multiple of PREFIX_CHUNK, above 0. */
  constructor(files: FileSystem, file: SourceFile, from: Bytes, wake: () => void) {
    this.#from = from;
    this.#tailRead = from;
    this.#wake = wake;
    void this.#live(files, file);
  }

  poll(): SourcePiece | undefined {
    // First what the other side waits for; the end is there only when nothing else is.
    const piece = this.#prefixes.shift() ?? this.#repairs.shift() ?? this.#tail.shift() ?? this.#end;
    if (piece === this.#end) this.#end = undefined;
    this.#hungry = piece === undefined;
    this.#ring();
    return piece;
  }

  resend(offset: Bytes, isMissing: readonly boolean[]): void {
    this.#unanswered--;
    for (const [i, missing] of isMissing.entries()) if (missing) this.#lacking.push(offset + i * PREFIX_CHUNK);
    this.#ring();
  }

  close(): void {
    this.#stop();
    this.#end = undefined;
    this.#closed = true;
  }

  async #live(files: FileSystem, file: SourceFile): Promise<void> {
    const end = await readUnchanged(files, file, async (handle, size, hash) => {
      if (size < this.#from) throw new Changed();
      const readers = [this.#readTail(handle, size), this.#readWhole(handle, size, hash), this.#readRepairs(handle)];
      try {
        await Promise.all(readers);
        return !this.#stopped;
      } catch (error) {
        this.#stop();
        await Promise.allSettled(readers); // they use the handle
        throw error;
      }
    });
    if (end === undefined || this.#closed) return;
    if (end.kind === 'failed') this.#stop();
    this.#end = end;
    this.#feed();
  }

  async #readTail(handle: OpenFile, size: Bytes): Promise<void> {
    while (this.#tailRead < size) {
      while (this.#tail.length >= AHEAD && !this.#stopped) await this.#bells.tail.wait();
      if (this.#stopped) return;
      const bytes = await readAt(handle, this.#tailRead, Math.min(PIECE, size - this.#tailRead));
      if (bytes.length === 0) throw new Changed();
      this.#give(this.#tail, { kind: 'bytes', offset: this.#tailRead, bytes });
      this.#tailRead += bytes.length;
      this.#bells.whole.ring();
    }
  }

  /** One piece of the file at a time, so that the disk and this thread are mostly free for the tail. */
  async #readWhole(handle: OpenFile, size: Bytes, hash: Hash): Promise<void> {
    const buffer = new Uint8Array(PREFIX_CHUNK);
    let digests: Uint8Array[] = [];
    let count = FIRST_CHUNKS;
    for (let position = 0; position < size; ) {
      const inPrefix = position < this.#from;
      while (!this.#stopped && (inPrefix ? this.#mustNotAsk : position >= this.#tailRead))
        await this.#bells.whole.wait();
      if (this.#stopped) return;
      const piece = buffer.subarray(0, Math.min(PREFIX_CHUNK, (inPrefix ? this.#from : this.#tailRead) - position));
      if ((await fill(handle, piece, position)) < piece.length) throw new Changed();
      hash.update(piece);
      position += piece.length;
      if (!inPrefix) continue;
      digests.push(new Uint8Array(createHash('sha256').update(piece).digest()));
      if (digests.length < count && position < this.#from) continue;
      this.#ask(position - digests.length * PREFIX_CHUNK, digests);
      this.#allAsked = position === this.#from;
      digests = [];
      count = Math.min(count * 2, MAX_PREFIX_CHUNKS);
    }
  }

  get #mustNotAsk(): boolean {
    return this.#unanswered >= MAX_UNANSWERED_PREFIXES;
  }

  #ask(offset: Bytes, digests: readonly Uint8Array[]): void {
    this.#unanswered++;
    this.#give(this.#prefixes, { kind: 'prefix', offset, digests });
  }

  async #readRepairs(handle: OpenFile): Promise<void> {
    while (!this.#stopped) {
      const offset = this.#repairs.length < REPAIRS_AHEAD ? this.#lacking.shift() : undefined;
      if (offset !== undefined) {
        const bytes = await readAt(handle, offset, PREFIX_CHUNK);
        if (bytes.length < PREFIX_CHUNK) throw new Changed();
        this.#give(this.#repairs, { kind: 'bytes', offset, bytes });
      } else if (this.#allAsked && this.#unanswered === 0 && this.#lacking.length === 0) return;
      else await this.#bells.repair.wait();
    }
  }

  #give(queue: SourcePiece[], piece: SourcePiece): void {
    if (this.#stopped) return;
    queue.push(piece);
    this.#feed();
  }

  #feed(): void {
    if (this.#hungry) queueMicrotask(this.#wake);
    this.#hungry = false;
  }

  #ring(): void {
    for (const bell of Object.values(this.#bells)) bell.ring();
  }

  /** The readers end, and nothing that they gave is given on. */
  #stop(): void {
    this.#stopped = true;
    for (const queue of [this.#prefixes, this.#repairs, this.#tail]) queue.length = 0;
    this.#ring();
  }
}
