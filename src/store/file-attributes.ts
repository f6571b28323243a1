import type { OpenFile } from './descriptor.ts';
import { errorName } from './failure.ts';

/** What file systems answer that have no modes or times. */
const NOT_THERE = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** Sets permission bits, where there are any. */
export function setMode(handle: OpenFile, mode: number): Promise<void> {
  return tolerate(handle.chmod(mode));
}

/** Sets the time of the last change, in milliseconds since 1970, where the file system can tell it. */
export function setTime(handle: OpenFile, mtime: number): Promise<void> {
  // Node takes seconds and cuts below a microsecond: half of one more keeps every whole millisecond. As a number a time
  // before 1970 would mean now.
  const seconds = `${(mtime + 0.0005) / 1000}`;
  return tolerate(handle.utimes(seconds, seconds), 'EINVAL');
}

async function tolerate(change: Promise<void>, ...also: readonly string[]): Promise<void> {
  try {
    await change;
  } catch (error) {
    if (![...NOT_THERE, ...also].includes(errorName(error) ?? '')) throw error;
  }
}
