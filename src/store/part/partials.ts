import type { Bytes, Millis } from '../../base/units.ts';
import { errorWords } from '../failure.ts';
import { type FileSystem, REAL_FILE_SYSTEM } from '../file-system.ts';
import { type OutDirectory, openOutDirectory } from '../out-directory.ts';
import { StoreError } from '../store-error.ts';
import { readJournal } from './journal.ts';
import { isOwnerRunning, type OwnKind, ownName, parseOwnName } from './own-names.ts';
import { clearLock, isHeld, takeLock } from './part-lock.ts';

/** What a transfer that was interrupted left in an output directory, or what one is writing now. */
export interface Partial {
  /** The part file's own name. */
  readonly file: string;
  /** Components of the path it will have, as they came; undefined: nothing says so. */
  readonly path: readonly Uint8Array[] | undefined;
  readonly have: Bytes;
  /** Undefined: not known. */
  readonly size: Bytes | undefined;
  /** Since something was written to it last. */
  readonly age: Millis;
  /** A process that runs writes it. */
  readonly inUse: boolean;
}

/** What of ours is in a directory, by id. */
type Found = ReadonlyMap<string, ReadonlySet<OwnKind>>;

/** What is in the directory, oldest first. Rejects with a StoreError when it cannot be read. */
export async function listPartials(out: string, files: FileSystem = REAL_FILE_SYSTEM): Promise<Partial[]> {
  return within(out, files, async (directory) => partialsOf(files, directory, await findOwn(files, directory)));
}

/**
 * Removes what was not written to for so long and is of no running process: parts, what is beside them, and locks that
 * outlived their process. Answers what was removed. Rejects with a StoreError when the directory cannot be read.
 */
export async function purgePartials(
  out: string,
  olderThan: Millis,
  files: FileSystem = REAL_FILE_SYSTEM,
): Promise<Partial[]> {
  return within(out, files, async (directory) =>
    purgeOwn(files, directory, await findOwn(files, directory), () => olderThan),
  );
}

/** What of ours is in the directory. */
export async function findOwn(files: FileSystem, directory: OutDirectory): Promise<Found> {
  const found = new Map<string, Set<OwnKind>>();
  for (const name of await files.readdir(directory.at('.'))) {
    const own = parseOwnName(name);
    if (own !== undefined) found.set(own.id, (found.get(own.id) ?? new Set()).add(own.kind));
  }
  return found;
}

/** The parts among it, oldest first. */
export async function partialsOf(files: FileSystem, directory: OutDirectory, found: Found): Promise<Partial[]> {
  const partials: Partial[] = [];
  for (const [id, kinds] of found) {
    const partial = kinds.has('part') ? await describe(files, directory, id) : undefined;
    if (partial !== undefined) partials.push(partial);
  }
  return partials.sort((a, b) => b.age - a.age);
}

/** Like `purgePartials`, with an age for each. */
export async function purgeOwn(
  files: FileSystem,
  directory: OutDirectory,
  found: Found,
  ageOf: (id: string) => Millis,
): Promise<Partial[]> {
  const removed: Partial[] = [];
  for (const id of found.keys()) {
    if (!(await isOld(files, directory, id, ageOf(id)))) continue;
    const partial = await describe(files, directory, id);
    if (await purge(files, directory, id, ageOf(id))) if (partial !== undefined) removed.push(partial);
  }
  return removed;
}

async function within<Result>(
  out: string,
  files: FileSystem,
  work: (directory: OutDirectory) => Promise<Result>,
): Promise<Result> {
  const there = await files.stat(out).catch((error: unknown) => {
    throw new StoreError('ERR_LOCAL_STORE', `cannot look into ${out}: ${errorWords(error)}`, { cause: error });
  });
  if (!there.isDirectory()) throw new StoreError('ERR_LOCAL_STORE', `cannot look into ${out}: not a directory`);
  const { directory } = await openOutDirectory(out, files);
  try {
    return await work(directory);
  } finally {
    await directory.close();
  }
}

/** Undefined: there is no part, or not any more. */
async function describe(files: FileSystem, directory: OutDirectory, id: string): Promise<Partial | undefined> {
  const file = ownName(id, 'part');
  const stat = await files.lstat(directory.at(file)).catch(() => undefined);
  if (stat === undefined) return undefined;
  const journal = await readJournal(files, directory.at(ownName(id, 'journal')));
  const inUse = (await isOwnerRunning(id)) ?? (await isHeld(files, directory.at(ownName(id, 'lock'))));
  const age = Math.max(0, Date.now() - stat.mtimeMs);
  return { file, path: journal?.path, have: stat.size, size: journal?.size, age, inUse };
}

/** Whether a part or journal was removed of what seemed to be old. */
async function purge(files: FileSystem, directory: OutDirectory, id: string, olderThan: Millis): Promise<boolean> {
  const running = await isOwnerRunning(id);
  if (running === true) return false;
  if (running === false) {
    await clearLock(files, directory.at(ownName(id, 'lock')));
    await remove(files, directory, id, 'link');
    return remove(files, directory, id, 'part');
  }
  const unlock = await takeLock(files, directory, id).catch(() => undefined);
  if (unlock === undefined) return false;
  try {
    if (!(await isOld(files, directory, id, olderThan, ['part', 'journal']))) return false;
    await remove(files, directory, id, 'made');
    const removed = [await remove(files, directory, id, 'part'), await remove(files, directory, id, 'journal')];
    return removed.includes(true);
  } finally {
    await unlock();
  }
}

const ALL: readonly OwnKind[] = ['part', 'journal', 'lock', 'made', 'link'];

async function isOld(
  files: FileSystem,
  directory: OutDirectory,
  id: string,
  olderThan: Millis,
  kinds: readonly OwnKind[] = ALL,
): Promise<boolean> {
  for (const kind of kinds) {
    const stat = await files.lstat(directory.at(ownName(id, kind))).catch(() => undefined);
    if (stat !== undefined && Date.now() - stat.mtimeMs < olderThan) return false;
  }
  return true;
}

async function remove(files: FileSystem, directory: OutDirectory, id: string, kind: OwnKind): Promise<boolean> {
  try {
    await files.unlink(directory.at(ownName(id, kind)));
    return true;
  } catch {
    return false; // it is not there, or a directory, or not ours to remove
  }
}
