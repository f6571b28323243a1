import { createHash, type Hash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import type { Bytes } from '../../base/units.ts';
import { TRANSFER_CODE } from '../../transfer/codes.ts';
import { MAX_EARLY } from '../../transfer/message-layout.ts';
import type { Source, SourcePiece } from '../../transfer/ports.ts';
import { Bell } from '../bell.ts';
import type { OpenFile } from '../descriptor.ts';
import { errorName, errorWords } from '../failure.ts';
import type { FileSystem } from '../file-system.ts';
import type { InTurn } from '../gate.ts';

/** One read from the disk, one piece for the stream: large, because each costs a trip to another thread and fresh memory. */
export const PIECE: Bytes = 1024 * 1024;
/** What may be sent before the receiver has said that it wants the file comes in smaller ones: it may be for nothing. */
const EARLY_PIECE: Bytes = 65_536;
/** Pieces read ahead, the one being read included. */
export const AHEAD = 3;

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

type End = Extract<SourcePiece, { kind: 'end' | 'failed' }>;

/** Reads one regular file, a few pieces ahead of the stream, and notices when it changes meanwhile. */
export class FileSource implements Source {
  readonly #files: FileSystem;
  readonly #file: SourceFile;
  readonly #wanted: 'content' | 'digest';
  readonly #wake: () => void;
  readonly #room = new Bell();
  /** Memory of pieces that arrived: while fresh memory comes and goes V8 searches all that is old for more to free. */
  #spare: Uint8Array[] = [];
  #ready: SourcePiece[] = [];
  #hungry = false; // the last poll got nothing
  #closed = false;

  /** Wanted is either all of the content, or its digest alone. */
  constructor(files: FileSystem, file: SourceFile, wanted: 'content' | 'digest', wake: () => void) {
    this.#files = files;
    this.#file = file;
    this.#wanted = wanted;
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

  reuse(bytes: Uint8Array): void {
    if (!this.#closed && bytes.length === PIECE && this.#spare.length < AHEAD) this.#spare.push(bytes);
  }

  close(): void {
    this.#closed = true;
    this.#ready = [];
    this.#spare = [];
    this.#room.ring();
  }

  /** The whole story from the open to the last piece; never rejects. */
  async #live(): Promise<void> {
    const end = await readUnchanged(this.#files, this.#file, (handle, size, hash) =>
      this.#wanted === 'content'
        ? this.#read(handle, size, hash)
        : hashRange(handle, hash, 0, size, () => this.#closed),
    );
    if (end !== undefined) this.#give(end);
  }

  async #read(handle: OpenFile, size: Bytes, hash: Hash): Promise<boolean> {
    for (let position = 0; position < size; ) {
      while (this.#ready.length >= AHEAD && !this.#closed) await this.#room.wait();
      if (this.#closed) return false;
      const length = Math.min(pieceSize(position, size), size - position);
      const bytes = await readAt(handle, position, length, length === PIECE ? this.#spare.pop() : undefined);
      if (bytes.length === 0) throw new Changed();
      hash.update(bytes);
      this.#give({ kind: 'bytes', offset: position, bytes });
      position += bytes.length;
    }
    return true;
  }

  #give(piece: SourcePiece): void {
    if (this.#closed) return;
    this.#ready.push(piece);
    if (this.#hungry) queueMicrotask(this.#wake);
    this.#hungry = false;
  }
}

function pieceSize(position: Bytes, size: Bytes): Bytes {
  return size > MAX_EARLY && position < MAX_EARLY ? EARLY_PIECE : PIECE;
}

/** The file is not what it was when it was offered. */
export class Changed extends Error {}

/**
 * Opens the file, lets `read` go through all of it and add it to the hash, and says how the source ends; undefined:
 * `read` was told to stop and answered false. Never rejects.
 */
export async function readUnchanged(
  files: FileSystem,
  file: SourceFile,
  read: (handle: OpenFile, size: Bytes, hash: Hash) => Promise<boolean>,
): Promise<End | undefined> {
  const { path, name, stat } = file;
  const size = Number(stat.size);
  const hash = createHash('sha256');
  let handle: OpenFile | undefined;
  try {
    handle = await files.open(path, OPEN_SOURCE);
    if (!same(await handle.stat({ bigint: true }), stat)) throw new Changed();
    if (!(await read(handle, size, hash))) return undefined;
    // Its name must still lead to the very file that was read, and that must be as it was.
    const there = await files.stat(path, { bigint: true }).catch((error: unknown) => {
      throw errorName(error) === 'ENOENT' ? new Changed() : error;
    });
    if (!same(there, stat)) throw new Changed();
    return { kind: 'end', size, digest: new Uint8Array(hash.digest()) };
  } catch (error) {
    const { sourceChanged, sourceUnreadable } = TRANSFER_CODE;
    if (error instanceof Changed) return failed(sourceChanged, `${name} changed while it was read`);
    return failed(sourceUnreadable, `cannot read ${name}: ${errorWords(error)}`);
  } finally {
    await handle?.close().catch(() => {}); // nothing was written: nothing is lost
  }
}

const failed = (code: number, text: string): End => ({ kind: 'failed', code, text });

/** Adds a range of the file to the hash, piece by piece; false: it was stopped. Throws Changed where the file ends. */
export async function hashRange(
  handle: OpenFile,
  hash: Hash,
  from: Bytes,
  to: Bytes,
  isStopped: () => boolean,
  inTurn: InTurn = (piece) => piece(),
): Promise<boolean> {
  const buffer = new Uint8Array(Math.min(PIECE, to - from));
  for (let position = from; position < to; ) {
    const at = position;
    const filled = await inTurn(async () => {
      if (isStopped()) return 0;
      const read = await fill(handle, buffer.subarray(0, to - at), at);
      hash.update(buffer.subarray(0, read));
      return read;
    });
    if (isStopped()) return false;
    if (filled === 0) throw new Changed();
    position += filled;
  }
  return true;
}

/** Up to `length` bytes in a buffer of their own, or in `room`, which has that length; fewer only at the end of the file. */
export async function readAt(
  handle: OpenFile,
  position: number,
  length: Bytes,
  room?: Uint8Array,
): Promise<Uint8Array> {
  const bytes = room ?? new Uint8Array(Buffer.allocUnsafeSlow(length).buffer); // not cleared: only what was read is given out
  const filled = await fill(handle, bytes, position);
  return filled === length ? bytes : bytes.slice(0, filled);
}

/** Fills the buffer from the file; the number of bytes read is smaller than it only at the end of the file. */
export async function fill(handle: OpenFile, buffer: Uint8Array, position: Bytes): Promise<Bytes> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

/** Whether two looks at a file saw the same one, unchanged. */
export function same(a: SeenFile, b: SeenFile): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;
}
