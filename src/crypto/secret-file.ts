import { randomBytes } from 'node:crypto';
import { constants, copyFile, link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Bytes } from '../base/units.ts';
import { UdpcpError } from '../errors.ts';
import { printable } from '../printable.ts';
import { errorName, errorWords } from '../store/failure.ts';

/** More than a key and a remark; a larger file is something else. */
const MAX_SIZE: Bytes = 4096;
/** Reading or writing by the group or by others. */
const SHARED_MODE = 0o066;
/** Reading by the group: what the right of one more user to read, given by an ACL, looks like. */
const ACL_READ_MODE = 0o040;
const PRIVATE_MODE = 0o600;

/**
 * What `parse` makes of the one line in a file that is neither empty nor a remark (`#`). Where the system knows modes,
 * the file is refused when anybody but its owner may read or write it. Rejects with UdpcpError ERR_USAGE.
 */
export async function readSecretFile<Secret>(path: string, parse: (line: string) => Secret): Promise<Secret> {
  const name = printable(path);
  try {
    return parse(onlyLine(await readPrivately(path)));
  } catch (error) {
    const text =
      error instanceof UdpcpError ? `key file ${name}: ${error.message}` : `key file ${name}: ${errorWords(error)}`;
    throw new UdpcpError('ERR_USAGE', text, { cause: error });
  }
}

/** Creates a file that only its owner can read, whole or not at all; false: there is one already. Rejects with UdpcpError ERR_USAGE. */
export async function createSecretFile(path: string, text: string): Promise<boolean> {
  const part = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(part, 'wx', PRIVATE_MODE);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    return await claim(part, path);
  } catch (error) {
    throw new UdpcpError('ERR_USAGE', `cannot create ${printable(path)}: ${errorWords(error)}`, { cause: error });
  } finally {
    await unlink(part).catch(() => {});
  }
}

/** Takes a name that is free, and never another's. */
async function claim(part: string, path: string): Promise<boolean> {
  try {
    await link(part, path).catch((error: unknown) => {
      if (errorName(error) === 'EEXIST') throw error;
      return copyFile(part, path, constants.COPYFILE_EXCL); // a file system without hard links
    });
    return true;
  } catch (error) {
    if (errorName(error) === 'EEXIST') return false;
    throw error;
  }
}

async function readPrivately(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const stats = await file.stat(); // of what was opened, not of what has the name now
    if (process.platform !== 'win32' && stats.isFile() && isShared(stats.mode, path)) {
      throw new UdpcpError('ERR_USAGE', 'others can read or write it; make it yours alone with chmod 600');
    }
    const buffer = Buffer.alloc(MAX_SIZE + 1);
    let size = 0;
    for (let count = 1; count > 0 && size < buffer.length; size += count) {
      count = (await file.read(buffer, size, buffer.length - size)).bytesRead;
    }
    if (size > MAX_SIZE) throw new UdpcpError('ERR_USAGE', 'too large to be a key');
    return buffer.toString('utf8', 0, size);
  } finally {
    await file.close();
  }
}

/** systemd gives a service the right to read its credentials (LoadCredential) by an ACL, in a directory that only the service may enter. */
function isShared(mode: number, path: string): boolean {
  const { CREDENTIALS_DIRECTORY: credentials } = process.env;
  const isCredential = credentials !== undefined && dirname(resolve(path)) === resolve(credentials);
  return (mode & (isCredential ? SHARED_MODE & ~ACL_READ_MODE : SHARED_MODE)) !== 0;
}

function onlyLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const [line, ...more] = lines.filter((each) => each !== '' && !each.startsWith('#'));
  if (line === undefined) throw new UdpcpError('ERR_USAGE', 'there is no key in it');
  if (more.length > 0) throw new UdpcpError('ERR_USAGE', 'there is more than one line in it');
  return line;
}
