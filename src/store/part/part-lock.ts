import { join } from 'node:path';
import { errorName } from '../failure.ts';
import type { FileSystem } from '../file-system.ts';
import type { OutDirectory } from '../out-directory.ts';
import { ownName, passingId } from './own-names.ts';
import { isRunning, thisProcess } from './process-identity.ts';

/**
 * A part that can be found again is written by one process at a time: the one whose lock is beside it. A lock is a
 * directory, and in it another one whose name says which process that is, so that one left by a dead process (a crash,
 * another boot) is told from a live one. Receivers on several machines must not share a directory: they cannot see each
 * other's processes.
 *
 * It is made under a passing name and renamed, which succeeds where nothing is or an empty directory, and fails where
 * somebody is in it. So a lock is empty and anybody's, or says whose it is, at whatever instant a process dies; and who
 * removes a dead holder by its name never removes another one.
 */
const HOLDER = /^([1-9]\d{0,9})_(\d+|-)_([0-9a-f-]+)$/;
/** What `rename` says of somebody's lock; Windows does not rename onto a directory that is there. */
const THERE = process.platform === 'win32' ? ['EEXIST', 'ENOTEMPTY', 'EPERM', 'EACCES'] : ['EEXIST', 'ENOTEMPTY'];
/** Only a process that dies as soon as it has taken the lock makes a second try necessary. */
const MOST_TRIES = 10;

/** The lock is ours until the returned function is called; undefined: it is another's. Rejects with the system's error. */
export async function takeLock(
  files: FileSystem,
  directory: OutDirectory,
  id: string,
): Promise<(() => Promise<void>) | undefined> {
  const lock = directory.at(ownName(id, 'lock'));
  const claim = directory.at(ownName(await passingId(), 'lock'));
  const { pid, start, boot } = await thisProcess();
  const holder = `${pid}_${start}_${boot}`;
  try {
    await files.mkdir(claim, 0o700);
    await files.mkdir(join(claim, holder), 0o700);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      if (await renameOnto(files, claim, lock)) return () => removeLock(files, lock, holder);
      if (!(await clearLock(files, lock))) break;
    }
  } catch (error) {
    await removeLock(files, claim, holder);
    if (['ENOTDIR', 'ENOENT'].includes(errorName(error) ?? '')) return undefined; // no lock of ours has that name, or ours is gone
    throw error;
  }
  await removeLock(files, claim, holder);
  return undefined;
}

/** False: it is there, and not empty. */
async function renameOnto(files: FileSystem, from: string, to: string): Promise<boolean> {
  try {
    await files.rename(from, to);
    return true;
  } catch (error) {
    if (THERE.includes(errorName(error) ?? '')) return false;
    throw error;
  }
}

async function removeLock(files: FileSystem, path: string, holder: string): Promise<void> {
  await files.rmdir(join(path, holder)).catch(() => {});
  await files.rmdir(path).catch(() => {}); // unless somebody has it by now
}

/** Removes a lock that dead processes left; false: a process that runs holds it, or what is in it is not ours. */
export async function clearLock(files: FileSystem, path: string): Promise<boolean> {
  const holders = await holdersOf(files, path);
  if (holders === undefined) return false;
  for (const holder of holders) {
    if (await isAlive(holder)) return false;
    await files.rmdir(join(path, holder)).catch(() => {}); // somebody else may have found it dead too
  }
  await files.rmdir(path).catch(() => {});
  return true;
}

/** Whether a lock belongs to a process that runs. What is there and no lock of ours counts as held: it is left alone. */
export async function isHeld(files: FileSystem, path: string): Promise<boolean> {
  const holders = await holdersOf(files, path);
  if (holders === undefined) return true;
  for (const holder of holders) if (await isAlive(holder)) return true;
  return false;
}

/** Undefined: it cannot be told. */
async function holdersOf(files: FileSystem, path: string): Promise<readonly string[] | undefined> {
  try {
    return await files.readdir(path);
  } catch (error) {
    return errorName(error) === 'ENOENT' ? [] : undefined;
  }
}

async function isAlive(holder: string): Promise<boolean> {
  const [, pid, start, boot] = HOLDER.exec(holder) ?? [];
  if (pid === undefined) return true;
  return isRunning(Number(pid), (there) => there.start === start && there.boot === boot);
}
