import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Bytes } from '../base/units.ts';
import { TRANSFER_CODE } from '../transfer/codes.ts';
import type { Source, SourcePiece } from '../transfer/ports.ts';
import { Bell } from './bell.ts';
import { errorName, errorWords } from './failure.ts';
import type { FileSystem } from './file-system.ts';

/** One read from the disk, one piece for the stream: large, because each costs a trip to another thread and fresh memory. */
const PIECE: Bytes = 1024 * 1024;
/** Pieces read ahead, the one being read included. */
const AHEAD = 3;

/** Non-blocking, because opening a FIFO would wait for a writer; regular files do not notice. */
export const OPEN_SOURCE = constants.O_RDONLY | constants.O_NONBLOCK;

/** A file to read: what it was when it was offered must still hold at the end. */
export interface SourceFile {
  /** Bytes where its name may be no text. */
  readonly path: string | Buffer;
  /** How it was offered; texts name it so, because they go to the peer. */
  readonly name: string;
  readonly stat: SeenFile;
}

/** What tells a file that was seen from every other, and from itself after a change. */
export type SeenFile = Pick<BigIntStats, 'dev' | 'ino' | 'size' | 'mtimeNs'>;

/** Reads one regular file, a few pieces ahead of the stream, and notices when it changes meanwhile. */
export class FileSource implements Source {
  readonly #files: FileSystem;
  readonly #file: SourceFile;
  readonly #wake: () => void;
  readonly #room = new Bell();
  #ready: SourcePiece[] = [];
  #hungry = false; // the last poll got nothing
  #closed = false;

  constructor(files: FileSystem, file: SourceFile, wake: () => void) {
    this.#files = files;
    this.#file = file;
    this.#wake = wake;
    void this.#live();
  }

  poll(): SourcePiece | undefined {
    const piece = this.#ready.shift();
    this.#hungry = piece === undefined;
    this.#room.ring();
    return piece;
  }

  resend(): void {}

  close(): void {
    this.#closed = true;
    this.#ready = [];
    this.#room.ring();
  }

  /** The whole story from the open to the last piece; never rejects. */
  async #live(): Promise<void> {
    let handle: FileHandle | undefined;
    try {
      handle = await this.#files.open(this.#file.path, OPEN_SOURCE);
      await this.#read(handle);
    } catch (error) {
      const text = `cannot read ${this.#file.name}: ${errorWords(error)}`;
      this.#give({ kind: 'failed', code: TRANSFER_CODE.sourceUnreadable, text });
    } finally {
      await handle?.close().catch(() => {}); // nothing was written: nothing is lost
    }
  }

  async #read(handle: FileHandle): Promise<void> {
    const size = Number(this.#file.stat.size);
    const hash = createHash('sha256');
    if (!same(await handle.stat({ bigint: true }), this.#file.stat)) return this.#changed();
    for (let position = 0; position < size; ) {
      while (this.#ready.length >= AHEAD && !this.#closed) await this.#room.wait();
      if (this.#closed) return;
      const bytes = await readAt(handle, position, Math.min(PIECE, size - position));
      if (bytes.length === 0) return this.#changed();
      hash.update(bytes);
      this.#give({ kind: 'bytes', offset: position, bytes });
      position += bytes.length;
    }
    if (!(await this.#unchanged())) return this.#changed();
    this.#give({ kind: 'end', size, digest: new Uint8Array(hash.digest()) });
  }

  /** Whether its name still leads to the very file that was read, and that is as it was. */
  async #unchanged(): Promise<boolean> {
    try {
      return same(await this.#files.stat(this.#file.path, { bigint: true }), this.#file.stat);
    } catch (error) {
      if (errorName(error) === 'ENOENT') return false;
      throw error;
    }
  }

  #changed(): void {
    const text = `${this.#file.name} changed while it was read`;
    this.#give({ kind: 'failed', code: TRANSFER_CODE.sourceChanged, text });
  }

  #give(piece: SourcePiece): void {
    if (this.#closed) return;
    this.#ready.push(piece);
    if (this.#hungry) queueMicrotask(this.#wake);
    this.#hungry = false;
  }
}

/** Up to `length` bytes in a buffer of their own; fewer only at the end of the file. */
export async function readAt(handle: FileHandle, position: number, length: Bytes): Promise<Uint8Array> {
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer); // not cleared: only what was read is given out
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled === length ? bytes : bytes.slice(0, filled);
}

function same(a: SeenFile, b: SeenFile): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;
}
