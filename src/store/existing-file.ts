import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import type { Bytes } from '../base/units.ts';
import type { OpenFile } from './descriptor.ts';
import type { FileSystem } from './file-system.ts';
import type { InTurn } from './gate.ts';
import { hashRange, same } from './outgoing/file-source.ts';

/**
 * Whether a regular file of this size and SHA-256 is there, and stayed as it was while it was read. Never rejects: what
 * cannot be read is not the same, nor is anything once it was aborted.
 */
export async function isSameFile(
  files: FileSystem,
  path: string,
  size: Bytes,
  digest: Uint8Array,
  isAborted: () => boolean,
  inTurn: InTurn,
): Promise<boolean> {
  let handle: OpenFile | undefined;
  try {
    handle = await files.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const before = await handle.stat({ bigint: true });
    if (!before.isFile() || Number(before.size) !== size) return false;
    const hash = createHash('sha256');
    if (!(await hashRange(handle, hash, 0, size, isAborted, inTurn))) return false;
    const after = await files.lstat(path, { bigint: true });
    return Buffer.compare(hash.digest(), digest) === 0 && same(before, after);
  } catch {
    return false;
  } finally {
    await handle?.close().catch(() => {});
  }
}
