import { type ExistsPolicy, MAX_NUMBER, numberedName } from './exists-policy.ts';
import { errorName } from './failure.ts';
import type { FileSystem } from './file-system.ts';
import type { OutDirectory } from './out-directory.ts';

/** What `link` answers on a file system without hard links: FAT and exFAT, some network and FUSE file systems. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/**
 * Gives a durable part file, at the path `from`, its final name in a directory. The name it got, or undefined when the policy leaves alone what is there;
 * rejects with the system's error. It never follows a symbolic link and replaces nothing but a regular file under
 * `overwrite`. After a success the part's own name may exist as well.
 */
export async function publish(
  files: FileSystem,
  from: string,
  directory: OutDirectory,
  name: string,
  policy: ExistsPolicy,
): Promise<string | undefined> {
  await directory.check();
  if (await claim(files, from, directory.at(name))) return name;
  if (policy === 'overwrite') return (await replace(files, from, directory.at(name))) ? name : undefined;
  if (policy !== 'rename') return undefined;
  for (let number = 1; number <= MAX_NUMBER; number++) {
    const candidate = numberedName(name, number);
    if (await claim(files, from, directory.at(candidate))) return candidate;
  }
  return undefined;
}

/** Takes a name that is free; false when it is not. The file system decides, in one step. */
async function claim(files: FileSystem, from: string, to: string): Promise<boolean> {
  try {
    await files.link(from, to);
    return true;
  } catch (error) {
    const name = errorName(error) ?? '';
    if (name === 'EEXIST') return false;
    if (NO_LINKS.includes(name)) return claimWithoutLink(files, from, to);
    throw error;
  }
}

/**
 * Without hard links: an empty file of our own, created exclusively, takes the name, and the part is renamed over it.
 * A crash between the two leaves the empty file, and so it is only the second choice.
 */
async function claimWithoutLink(files: FileSystem, from: string, to: string): Promise<boolean> {
  let own: { readonly dev: bigint; readonly ino: bigint };
  try {
    const handle = await files.open(to, 'wx', 0o600);
    try {
      own = await handle.stat({ bigint: true });
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (errorName(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    const there = await files.lstat(to, { bigint: true });
    if (there.dev !== own.dev || there.ino !== own.ino) return false; // somebody put their own file there
    await files.rename(from, to);
    return true;
  } catch (error) {
    await files.unlink(to).catch(() => {});
    throw error;
  }
}

/** Renames over a regular file, or onto a name that has become free; false for anything else. */
async function replace(files: FileSystem, from: string, to: string): Promise<boolean> {
  try {
    const there = await files.lstat(to).catch((error: unknown) => {
      if (errorName(error) !== 'ENOENT') throw error;
    });
    if (there !== undefined && !there.isFile()) return false;
    await files.rename(from, to); // a symbolic link that got there in the meantime is replaced, not followed
    return true;
  } catch (error) {
    if (['EISDIR', 'ENOTEMPTY', 'EEXIST'].includes(errorName(error) ?? '')) return false; // a directory got there
    throw error;
  }
}
