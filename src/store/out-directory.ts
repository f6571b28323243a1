import { constants } from 'node:fs';
import { resolve, sep } from 'node:path';
import type { Bytes, Millis } from '../base/units.ts';
import { TRANSFER_CODE } from '../transfer/codes.ts';
import type { OpenFile } from './descriptor.ts';
import { errorName, errorWords, Refusal, systemError } from './failure.ts';
import { setMode, setTime } from './file-attributes.ts';
import type { FileSystem } from './file-system.ts';
import { GroupSync } from './group-sync.ts';
import { StoreError } from './store-error.ts';

const THROUGH_HANDLE = '/proc/self/fd/';
/** A symbolic link in the place of a directory is refused, and so is a FIFO, without waiting for its other end. */
const BELOW = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0);
/** How long a directory that is held open counts as the one of its path, or name, without another look. */
export const TRUST: Millis = 100;
const ASTRAY = "the receiver's directory was moved, removed or unmounted: start the receiver again";

/**
 * A directory that received files go to, held open: whoever moves it or puts another one in its place does not
 * redirect what is written, and `check` tells that nobody would find it. On Linux every name is resolved through the
 * open directory; elsewhere `check` is all.
 */
export class OutDirectory {
  readonly #files: FileSystem;
  readonly #base: string;
  /** Of every path in it. */
  readonly #prefix: string;
  readonly #handle: OpenFile | undefined;
  readonly #identity: string;
  /** Where it is looked for; undefined: in a directory that is held open, where names cannot lead elsewhere. */
  readonly #path: string | undefined;
  #checkedAt: Millis = Number.NEGATIVE_INFINITY;
  /** When it came into being, where the system tells; 0 for the output directory itself. */
  readonly birth: bigint;
  readonly #names = new GroupSync(() => this.#syncNames());
  #room: { readonly free: Promise<Bytes | undefined>; readonly at: Millis } | undefined;

  constructor(
    files: FileSystem,
    base: string,
    handle: OpenFile | undefined,
    identity: string,
    path: string | undefined,
    birth = 0n,
  ) {
    this.#path = path;
    this.birth = birth;
    this.#files = files;
    this.#base = base;
    this.#prefix = base.endsWith(sep) ? base : base + sep;
    this.#handle = handle;
    this.#identity = identity;
  }

  /** The path of one of our own or one validated name in it; never shown to anybody. */
  at(name: string): string {
    return this.#prefix + name;
  }

  /** Bytes that we may still write, by a look that is at most so old; undefined where the file system does not say. */
  free(maxAge: Millis = 0): Promise<Bytes | undefined> {
    const now = performance.now();
    if (this.#room === undefined || now - this.#room.at >= maxAge) this.#room = { free: this.#look(), at: now };
    return this.#room.free;
  }

  async #look(): Promise<Bytes | undefined> {
    try {
      const { blocks, bavail, bsize } = await this.#files.statfs(this.#base);
      return blocks > 0 ? bavail * bsize : undefined;
    } catch {
      return undefined;
    }
  }

  /** Rejects with Refusal when its path does not lead here any more, and with the system's error when that cannot be told. */
  async check(): Promise<void> {
    if (this.#path === undefined) return;
    const now = performance.now();
    if (this.#base !== this.#path && now - this.#checkedAt < TRUST) return;
    if (!(await isAt(this.#files, this.#path, this.#identity))) throw new Refusal(TRANSFER_CODE.store, ASTRAY);
    this.#checkedAt = now;
  }

  /** Whether people find it at its path. Never rejects. */
  isThere(): Promise<boolean> {
    return this.check().then(
      () => true,
      () => false,
    );
  }

  /** Tells it from every other directory, as long as it exists. */
  get identity(): string {
    return this.#identity;
  }

  /** Sets permission bits and, where given, the time of the last change (milliseconds since 1970). */
  async restore(mode: number | undefined, mtime: number | undefined): Promise<void> {
    if (this.#handle === undefined) return; // Windows: directories have neither
    if (mode !== undefined) await setMode(this.#handle, mode);
    if (mtime !== undefined) await setTime(this.#handle, mtime);
  }

  /**
   * The directory of this validated name in it, opened through it, made when it is missing: then `beforeMade` comes
   * first. Rejects with ENOTDIR for anything else of that name: a symbolic link is never followed.
   */
  async enter(
    name: string,
    beforeMade: () => Promise<void> = async () => {},
  ): Promise<{ readonly directory: OutDirectory; readonly created: boolean }> {
    const path = this.at(name);
    const created = await this.#makeMissing(path, beforeMade);
    if (process.platform === 'win32') {
      if (!(await this.#files.lstat(path)).isDirectory()) throw systemError('ENOTDIR');
      return {
        directory: new OutDirectory(this.#files, path, undefined, await identityOf(this.#files, path), path),
        created,
      };
    }
    const handle = await this.#files.open(path, BELOW);
    try {
      const { dev, ino, birthtimeNs } = await handle.stat({ bigint: true });
      const identity = `${dev}:${ino}`;
      const base = await throughHandle(this.#files, handle, identity, path);
      if (base === path) await this.check(); // the way here was by names: it must still lead here
      const home = base === path ? path : undefined;
      return { directory: new OutDirectory(this.#files, base, handle, identity, home, birthtimeNs), created };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async isEmpty(): Promise<boolean> {
    return (await this.#files.readdir(this.at('.'))).length === 0;
  }

  /** Whether that name still is that directory. */
  async holds(name: string, identity: string): Promise<boolean> {
    try {
      const { dev, ino } = await this.#files.lstat(this.at(name), { bigint: true });
      return `${dev}:${ino}` === identity;
    } catch (error) {
      if (errorName(error) === 'ENOENT') return false;
      throw error;
    }
  }

  async #makeMissing(path: string, beforeMade: () => Promise<void>): Promise<boolean> {
    const there = await this.#files.lstat(path).catch((error: unknown) => {
      if (errorName(error) !== 'ENOENT') throw error;
    });
    if (there !== undefined) {
      if (there.isDirectory()) return false;
      throw systemError('ENOTDIR');
    }
    await this.check();
    await beforeMade();
    try {
      await this.#files.mkdir(path);
      return true;
    } catch (error) {
      if (errorName(error) === 'EEXIST') return false; // somebody was faster
      throw error;
    }
  }

  /** Makes the names that are in it now durable: one fsync for all who ask at about the same time. */
  sync(): Promise<void> {
    return this.#names.sync();
  }

  async #syncNames(): Promise<void> {
    try {
      await this.#handle?.sync();
    } catch (error) {
      // Some file systems cannot fsync a directory and say so; every other error counts.
      if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errorName(error) ?? '')) throw error;
    }
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }
}

/**
 * Opens the directory, creating it when only its last component is missing. Rejects with a StoreError when it cannot be
 * created, is not a directory, or cannot be written to.
 */
export async function openOutDirectory(
  path: string,
  files: FileSystem,
): Promise<{ readonly directory: OutDirectory; readonly created: boolean }> {
  let handle: OpenFile | undefined;
  try {
    const created = await create(path, files);
    if (process.platform !== 'win32') handle = await files.open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    const identity = await identityOf(files, path);
    const home = resolve(path);
    const base = handle === undefined ? home : await throughHandle(files, handle, identity, home);
    await files.access(base, constants.W_OK | constants.X_OK);
    return { directory: new OutDirectory(files, base, handle, identity, home), created };
  } catch (error) {
    await handle?.close();
    throw new StoreError('ERR_LOCAL_STORE', `cannot use ${path} as the output directory: ${words(error)}`, {
      cause: error,
    });
  }
}

async function create(path: string, files: FileSystem): Promise<boolean> {
  try {
    await files.mkdir(path);
    return true;
  } catch (error) {
    // Whatever the reason (EEXIST, but some systems say EROFS or EACCES first): what counts is what is there.
    const there = await files.stat(path).catch(() => undefined);
    if (there === undefined) throw error;
    if (!there.isDirectory()) throw systemError('ENOTDIR');
    return false;
  }
}

async function throughHandle(files: FileSystem, handle: OpenFile, identity: string, path: string): Promise<string> {
  const open = `${THROUGH_HANDLE}${handle.fd}`;
  const same = (await identityOf(files, open).catch(() => undefined)) === identity;
  return process.platform === 'linux' && same ? open : path;
}

async function identityOf(files: FileSystem, path: string): Promise<string> {
  const { dev, ino } = await files.stat(path, { bigint: true });
  return `${dev}:${ino}`;
}

async function isAt(files: FileSystem, path: string, identity: string): Promise<boolean> {
  try {
    return (await identityOf(files, path)) === identity;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorName(error) ?? '')) return false;
    throw error;
  }
}

function words(error: unknown): string {
  const name = errorName(error);
  if (name === 'ENOENT') return 'its parent does not exist; create it first';
  if (name === 'EEXIST') return 'it is a symbolic link to nothing';
  return errorWords(error);
}
