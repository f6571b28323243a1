import { link, lstat, stat, unlink } from 'node:fs';
import * as fs from 'node:fs/promises';
import { promisify } from 'node:util';
import { type OpenFile, openDescriptor } from './descriptor.ts';

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
  | 'readdir'
  | 'readlink'
  | 'realpath'
  | 'rename'
  | 'rmdir'
  | 'stat'
  | 'statfs'
  | 'symlink'
  | 'unlink'
> & { open(...args: Parameters<typeof openDescriptor>): Promise<OpenFile> };

/** The one everybody uses. What is called for every small file costs half as much with a callback as in `node:fs/promises`. */
export const REAL_FILE_SYSTEM: FileSystem = {
  ...fs,
  link: promisify(link),
  lstat: promisify(lstat) as typeof fs.lstat,
  open: openDescriptor,
  stat: promisify(stat) as typeof fs.stat,
  unlink: promisify(unlink),
};
