import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Bytes } from '../base/units.ts';
import { systemError } from './failure.ts';
import { setMode, setTime } from './file-attributes.ts';
import type { FileSystem } from './file-system.ts';
import { formatJournal, type Journal } from './journal.ts';
import { OWN_PREFIX } from './names.ts';
import type { OutDirectory } from './out-directory.ts';

/** Bytes written between two early write-backs: without them, everything waits for the last fsync. */
const WRITE_BACK: Bytes = 32 * 1024 * 1024;

/** Nobody else reads a file that is not verified yet. */
const PRIVATE = 0o600;

/**
 * A file while it arrives: `.udpcp-<id>.part` with `.udpcp-<id>.journal` beside it. The random id makes the names ours,
 * whatever the final name and its length are.
 */
export class PartFile {
  /** Its name in the directory. */
  readonly name: string;
  readonly #files: FileSystem;
  readonly #directory: OutDirectory;
  readonly #journal: string;
  readonly #handle: FileHandle;
  #size: Bytes = 0;
  #writtenBack: Bytes = 0;
  #writeBack: Promise<void> | undefined;
  #lost: unknown; // why an early write-back failed
  #open = true;
  #released = false;

  constructor(files: FileSystem, directory: OutDirectory, id: string, handle: FileHandle) {
    this.name = partName(id);
    this.#files = files;
    this.#directory = directory;
    this.#journal = journalName(id);
    this.#handle = handle;
  }

  /** Bytes written so far. */
  get size(): Bytes {
    return this.#size;
  }

  /** Appends all the pieces, however often the disk takes only some of them. Rejects when it takes no more. */
  async append(pieces: readonly Uint8Array[]): Promise<void> {
    let rest = pieces;
    while (rest.length > 0) {
      const { bytesWritten } = await this.#handle.writev(rest, this.#size);
      if (bytesWritten === 0) throw systemError('ENOSPC'); // or this would never end
      this.#size += bytesWritten;
      rest = after(rest, bytesWritten);
    }
    this.#startWriteBack();
  }

  /** Gives it its final permissions and time, and makes its content durable. Nothing may be appended after. */
  async seal(mode: number, mtime?: number): Promise<void> {
    await setMode(this.#handle, mode);
    if (mtime !== undefined) await setTime(this.#handle, mtime);
    await this.#writeBack;
    // The system reports a lost page once: after a failed write-back, an fsync that succeeds proves nothing.
    if (this.#lost !== undefined) throw this.#lost;
    await this.#handle.sync();
    this.#open = false;
    await this.#handle.close(); // a network file system may find only here that it has no room
  }

  /** Clears up after publishing: the part's own name goes, `settle` makes the final name durable, the journal goes. */
  async release(settle: () => Promise<void>): Promise<void> {
    await this.#remove(this.name);
    await settle();
    await this.#remove(this.#journal);
    this.#released = true;
  }

  /** Closes and removes everything, as far as the disk lets it; never rejects, and does nothing after `release`. */
  async discard(): Promise<void> {
    if (this.#released) return;
    if (this.#open) {
      this.#open = false;
      await this.#handle.close().catch(() => {});
    }
    await this.#remove(this.name);
    await this.#remove(this.#journal);
  }

  /** Beside the next writes, one at a time. */
  #startWriteBack(): void {
    if (this.#writeBack !== undefined || this.#size - this.#writtenBack < WRITE_BACK) return;
    this.#writtenBack = this.#size;
    this.#writeBack = this.#handle
      .datasync()
      .catch((error: unknown) => {
        this.#lost = error;
      })
      .finally(() => {
        this.#writeBack = undefined;
      });
  }

  /** A name that stays behind does no harm, and one that is gone already is what we want. */
  async #remove(name: string): Promise<void> {
    await this.#files.unlink(this.#directory.at(name)).catch(() => {});
  }
}

const partName = (id: string): string => `${OWN_PREFIX}${id}.part`;
const journalName = (id: string): string => `${OWN_PREFIX}${id}.journal`;

/** Begins a part file and its journal, both new; rejects with the system's error and leaves neither. */
export async function createPart(files: FileSystem, directory: OutDirectory, journal: Journal): Promise<PartFile> {
  const id = randomBytes(8).toString('hex');
  const handle = await files.open(directory.at(partName(id)), 'wx', PRIVATE);
  const part = new PartFile(files, directory, id, handle);
  try {
    const journalHandle = await files.open(directory.at(journalName(id)), 'wx', PRIVATE);
    try {
      await journalHandle.writeFile(formatJournal(journal));
    } finally {
      await journalHandle.close();
    }
    return part;
  } catch (error) {
    await part.discard();
    throw error;
  }
}

function after(pieces: readonly Uint8Array[], count: Bytes): Uint8Array[] {
  let left = count;
  const rest: Uint8Array[] = [];
  for (const piece of pieces) {
    if (left < piece.length) rest.push(piece.subarray(left));
    left = Math.max(0, left - piece.length);
  }
  return rest;
}
