import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, type FileHandle, link, lstat, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UdpcpError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { errorName, errorWords } from '../../store/failure.ts';

/** Makes sure, before anything is sent, that a new receipt can be written there. Rejects with UdpcpError ERR_USAGE. */
export async function checkNewReceipt(path: string): Promise<void> {
  let isThere: boolean;
  try {
    isThere = await exists(path);
    await access(dirname(path), constants.W_OK | constants.X_OK);
  } catch (error) {
    const text = `the receipt ${printable(path)} cannot be written: ${errorWords(error)}`;
    throw new UdpcpError('ERR_USAGE', text, { cause: error });
  }
  if (isThere) {
    throw new UdpcpError('ERR_USAGE', `the receipt ${printable(path)} exists already: name a new file with --receipt`);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (errorName(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Writes a receipt that appears whole and durable, or not at all, over nothing. Rejects with UdpcpError ERR_LOCAL_FILE. */
export async function writeReceipt(path: string, line: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(line);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await publish(temporary, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await unlink(temporary).catch(() => {});
    const text = `the files are stored, but the receipt ${printable(path)} cannot be written: ${errorWords(error)}`;
    throw new UdpcpError('ERR_LOCAL_FILE', text, { cause: error });
  }
}

/** By `link`, which fails where something is; file systems without hard links rename. */
async function publish(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
    await unlink(temporary);
  } catch (error) {
    if (errorName(error) === 'EEXIST') throw error;
    await rename(temporary, path);
  }
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The beginning of each line that this program writes. */
const BEGINNING = '{"schema":';

/** Receipts of a receiver, one line each, each durable before the next. */
export class ReceiptLog {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #onError: (error: UdpcpError) => void;
  #writing: Promise<void> = Promise.resolve();

  private constructor(handle: FileHandle, path: string, onError: (error: UdpcpError) => void) {
    this.#handle = handle;
    this.#path = path;
    this.#onError = onError;
  }

  /** A new file, or one with receipts. Rejects with UdpcpError ERR_USAGE for any other. `onError` hears of receipts that are lost. */
  static async open(path: string, onError: (error: UdpcpError) => void): Promise<ReceiptLog> {
    const cannot = (why: string, cause?: unknown): UdpcpError =>
      new UdpcpError('ERR_USAGE', `receipts cannot be added to ${printable(path)}: ${why}`, { cause });
    let handle: FileHandle;
    try {
      // A pipe that nobody reads would keep us waiting.
      handle = await open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK);
    } catch (error) {
      throw cannot(errorWords(error), error);
    }
    const why = await flaw(handle);
    if (why === undefined) return new ReceiptLog(handle, path, onError);
    await handle.close();
    throw cannot(why);
  }

  /** Adds a line, soon. */
  add(line: string): void {
    this.#writing = this.#writing.then(async () => {
      try {
        await this.#handle.appendFile(line);
        await this.#handle.sync();
      } catch (error) {
        const text = `a receipt was not written to ${printable(this.#path)}: ${errorWords(error)}`;
        this.#onError(new UdpcpError('ERR_LOCAL_STORE', text, { cause: error }));
      }
    });
  }

  /** Resolves when everything was written. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#handle.close();
  }
}

/** Why receipts do not belong into a file; a line that a crash left unfinished is ended. */
async function flaw(handle: FileHandle): Promise<string | undefined> {
  const stats = await handle.stat();
  if (!stats.isFile()) return 'it is not a regular file';
  if (stats.size === 0) return undefined;
  const { buffer } = await handle.read(Buffer.alloc(BEGINNING.length), 0, BEGINNING.length, 0);
  if (buffer.toString('latin1') !== BEGINNING) return 'it holds something else; name a new file with --receipt';
  const last = await handle.read(Buffer.alloc(1), 0, 1, stats.size - 1);
  if (last.buffer.toString('latin1') !== '\n') await handle.appendFile('\n');
  return undefined;
}
