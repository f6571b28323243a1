import { constants } from 'node:fs';
import { errorName } from '../failure.ts';
import type { FileSystem } from '../file-system.ts';
import type { OutDirectory } from '../out-directory.ts';
import { ownName } from './own-names.ts';
import { isRunning, thisProcess } from './process-identity.ts';

/**
 * A part that can be found again is written by one process at a time: the one whose lock is beside it. The lock is
 * created exclusively and says which process that is, so that one left by a dead process (a crash, another boot) is told
 * from a live one. Receivers on several machines must not share a directory: they cannot see each other's processes.
 */
const FORMAT = /^udpcp-lock 1 ([1-9]\d{0,9}) (\d+|-) ([0-9a-f-]+)\n$/;
const MAX_LOCK = 256;
/** A lock that says nothing was just created, and its process is about to write; older, that process died in between. */
const WRITING = 10_000;

/** The lock is ours until the returned function is called; undefined: it is another's. Rejects with the system's error. */
export async function takeLock(
  files: FileSystem,
  directory: OutDirectory,
  id: string,
): Promise<(() => Promise<void>) | undefined> {
  const lock = directory.at(ownName(id, 'lock'));
  const release = (): Promise<void> => files.unlink(lock).catch(() => {});
  if (await create(files, lock)) return release;
  if (await isHeld(files, lock)) return undefined;
  // Of all who see that it is stale, the one that creates this file may remove it, after another look.
  const takeover = directory.at(ownName(id, 'takeover'));
  if (!(await create(files, takeover))) return undefined;
  try {
    if (await isHeld(files, lock)) return undefined;
    await files.unlink(lock).catch((error: unknown) => {
      if (errorName(error) !== 'ENOENT') throw error;
    });
    return (await create(files, lock)) ? release : undefined;
  } finally {
    await files.unlink(takeover).catch(() => {});
  }
}

/** False: it exists. */
async function create(files: FileSystem, path: string): Promise<boolean> {
  const { pid, start, boot } = await thisProcess();
  try {
    const handle = await files.open(path, 'wx', 0o600);
    try {
      await handle.writeFile(`udpcp-lock 1 ${pid} ${start} ${boot}\n`);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (errorName(error) === 'EEXIST') return false;
    await files.unlink(path).catch(() => {}); // it was created, and is of no use without words
    throw error;
  }
}

/** Whether a lock belongs to a process that runs. What is there and no lock of ours counts as held: it is left alone. */
export async function isHeld(files: FileSystem, path: string): Promise<boolean> {
  let text: string;
  let age: number;
  try {
    const handle = await files.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) return true;
      age = Date.now() - stat.mtimeMs;
      const { buffer, bytesRead } = await handle.read(new Uint8Array(MAX_LOCK), 0, MAX_LOCK, 0);
      text = Buffer.from(buffer).toString('latin1', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    return errorName(error) !== 'ENOENT';
  }
  const [, pid, start, boot] = FORMAT.exec(text) ?? [];
  if (pid === undefined) return age < WRITING;
  return isRunning(Number(pid), (there) => there.start === start && there.boot === boot);
}
