import type { Bytes } from '../../base/units.ts';
import { PREFIX_CHUNK } from '../../transfer/message-layout.ts';
import type { OpenFile } from '../descriptor.ts';
import { errorName, systemError } from '../failure.ts';
import { setMode, setTime } from '../file-attributes.ts';
import type { FileSystem } from '../file-system.ts';
import type { OutDirectory } from '../out-directory.ts';
import { ownName } from './own-names.ts';

/** Bytes written between two early write-backs: without them, everything waits for the last fsync. */
const WRITE_BACK: Bytes = 32 * 1024 * 1024;

/** After these, what was written before is still there. */
const NO_ROOM = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** What stands behind a part file. */
export interface PartOptions {
  readonly files: FileSystem;
  readonly directory: OutDirectory;
  readonly id: string;
  readonly handle: OpenFile;
  /** The bytes that an earlier transfer left in it. */
  readonly size: Bytes;
  /** Permission bits that it has when it is published; undefined: it has them. */
  readonly mode: number | undefined;
  /** False: nothing is made durable. */
  readonly fsync: boolean;
  /** Lets others have its name; undefined: nobody else will ever want it, and it has no journal. */
  readonly free: (() => Promise<void>) | undefined;
}

/** A file while it arrives, and what is beside it (store/own-names). */
export class PartFile {
  /** Its name in the directory. */
  readonly name: string;
  readonly #options: PartOptions;
  #size: Bytes;
  #written: Bytes = 0;
  #writtenBack: Bytes = 0;
  #writeBack: Promise<void> | undefined;
  #lost: unknown; // why the system lost some of it
  #open = true;
  #over = false;

  constructor(options: PartOptions) {
    this.name = ownName(options.id, 'part');
    this.#options = options;
    this.#size = options.size;
  }

  /** Where it ends. */
  get size(): Bytes {
    return this.#size;
  }

  /** Writes all the pieces, however often the disk takes only some of them. Rejects when it takes no more. */
  async write(pieces: readonly Uint8Array[], offset: Bytes): Promise<void> {
    let rest = pieces;
    let position = offset;
    try {
      while (rest.length > 0) {
        const { bytesWritten } = await this.#options.handle.writev(rest, position);
        if (bytesWritten === 0) throw systemError('ENOSPC'); // or this would never end
        position += bytesWritten;
        this.#written += bytesWritten;
        this.#size = Math.max(this.#size, position);
        rest = after(rest, bytesWritten);
      }
    } catch (error) {
      if (!NO_ROOM.includes(errorName(error) ?? '')) this.#lost = error;
      throw error;
    }
    this.#startWriteBack();
  }

  /** Fills the buffer with what is at this offset. Rejects where the disk does not give all of it. */
  async read(buffer: Uint8Array, offset: Bytes): Promise<void> {
    for (let filled = 0; filled < buffer.length; ) {
      const { handle } = this.#options;
      const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, offset + filled);
      if (bytesRead === 0) throw systemError('EIO');
      filled += bytesRead;
    }
  }

  /** Gives it its final permissions and time, and makes its content durable. Nothing may be written after. */
  async seal(mtime?: number): Promise<void> {
    const { handle, mode, fsync } = this.#options;
    if (mode !== undefined) await setMode(handle, mode);
    if (mtime !== undefined) await setTime(handle, mtime);
    await this.#writeBack;
    // The system reports a lost page once: after a failed write-back, an fsync that succeeds proves nothing.
    if (this.#lost !== undefined) throw this.#lost;
    try {
      if (fsync) await handle.sync();
      this.#open = false;
      await handle.close(); // a network file system may find only here that it has no room
    } catch (error) {
      this.#lost = error;
      throw error;
    }
  }

  /** Clears up after publishing: the part's own name goes, `settle` makes the final one durable, what is beside it goes. */
  async release(settle: () => Promise<void>): Promise<void> {
    await this.#remove('part');
    if (this.#options.fsync) await settle();
    this.#over = true;
    await this.#clear();
  }

  /**
   * Closes it and leaves it for a later transfer, if it can be found again, holds a whole chunk and nothing of it was
   * lost; it is removed otherwise. Whether it was kept. Never rejects; after `release` or another end it does nothing.
   */
  async keep(): Promise<boolean> {
    if (this.#over) return false;
    await this.#writeBack;
    const { free } = this.#options;
    if (free === undefined || this.#size < PREFIX_CHUNK || this.#lost !== undefined) {
      await this.discard();
      return false;
    }
    this.#over = true;
    await this.#close();
    await free();
    return true;
  }

  /** Closes and removes everything, as far as the disk lets it; never rejects, and does nothing after another end. */
  async discard(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    await this.#close();
    await this.#remove('part');
    await this.#clear();
  }

  async #close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#options.handle.close().catch(() => {});
  }

  /** Beside the next writes, one at a time. */
  #startWriteBack(): void {
    const { handle, fsync } = this.#options;
    if (!fsync || this.#writeBack !== undefined || this.#written - this.#writtenBack < WRITE_BACK) return;
    this.#writtenBack = this.#written;
    this.#writeBack = handle
      .datasync()
      .catch((error: unknown) => {
        this.#lost = error;
      })
      .finally(() => {
        this.#writeBack = undefined;
      });
  }

  async #clear(): Promise<void> {
    const { free } = this.#options;
    if (free === undefined) return;
    await this.#remove('journal');
    await free();
  }

  /** A name that stays behind does no harm, and one that is gone already is what we want. */
  async #remove(kind: 'part' | 'journal'): Promise<void> {
    const { files, directory, id } = this.#options;
    await files.unlink(directory.at(ownName(id, kind))).catch(() => {});
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
