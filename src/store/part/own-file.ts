import type { Stats } from 'node:fs';

/** A regular file of this user that has no other name: whoever else could write to it could do so anyway. */
export function isOurs(stat: Stats): boolean {
  const user = process.geteuid?.() ?? stat.uid;
  return stat.isFile() && stat.uid === user && stat.nlink === 1;
}
