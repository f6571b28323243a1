import * as fs from 'node:fs/promises';

/**
 * The calls of `node:fs/promises` that the store makes. They are a parameter, because disks fail in ways that no real
 * disk shows on demand.
 */
export type FileSystem = Pick<
  typeof fs,
  | 'access'
  | 'link'
  | 'lstat'
  | 'mkdir'
  | 'open'
  | 'readdir'
  | 'readlink'
  | 'realpath'
  | 'rename'
  | 'rmdir'
  | 'stat'
  | 'statfs'
  | 'symlink'
  | 'unlink'
>;

/** The one everybody uses. */
export const REAL_FILE_SYSTEM: FileSystem = fs;
