import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Everything below a directory, one line each: kind, mode, inode and content. Equal before and after: untouched. */
export async function describeTree(directory: string, prefix = ''): Promise<string[]> {
  const lines: string[] = [];
  for (const name of (await readdir(directory)).sort()) {
    const path = join(directory, name);
    const stat = await lstat(path);
    const what = `${JSON.stringify(prefix + name)} ${stat.mode.toString(8)} ${stat.ino}`;
    if (stat.isDirectory()) lines.push(`${what} directory`, ...(await describeTree(path, `${prefix}${name}/`)));
    else if (stat.isSymbolicLink()) lines.push(`${what} -> ${await readlink(path)}`);
    else if (stat.isFile())
      lines.push(
        `${what} ${createHash('sha256')
          .update(await readFile(path))
          .digest('hex')}`,
      );
    else lines.push(`${what} special`);
  }
  return lines;
}
