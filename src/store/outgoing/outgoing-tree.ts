import { isUtf8 } from 'node:buffer';
import { printable } from '../../printable.ts';
import { errorWords } from '../failure.ts';
import { type FileSystem, REAL_FILE_SYSTEM } from '../file-system.ts';
import { StoreError } from '../store-error.ts';
import { excluding } from './exclude.ts';
import type { LeftOut } from './left-out.ts';
import { nameToOffer, openSource } from './open-source.ts';
import { Folder, type SendEntry } from './tree-entry.ts';
import { Walk, type WalkOptions } from './walk.ts';

/** Which files are sent, and what of them. */
export interface GatherOptions {
  /** The name the receiver is offered instead of its own, when a single file or directory is named: one component. */
  readonly as?: string | undefined;
  /** Globs of what is left out of directories, as in a `.gitignore`. */
  readonly exclude?: readonly string[] | undefined;
  /** Symbolic links in directories: left out unless told otherwise. */
  readonly links?: WalkOptions['links'] | undefined;
  /** Send modification times and permission bits too. */
  readonly preserve?: boolean | undefined;
  /** Send all of every file, whatever the receiver has of it from an earlier time. */
  readonly restart?: boolean | undefined;
}

export interface Gathered {
  /** In the order they are sent in. */
  readonly entries: readonly SendEntry[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Everything that the named files and directories are, known before anything is sent. Rejects with a StoreError:
 * `ERR_LOCAL_FILE` for what cannot be read or never be sent, `ERR_USAGE` for names that make no sense together.
 */
export async function gather(
  paths: readonly string[],
  { as, exclude = [], links = 'skip', preserve = false, restart: fresh = false }: GatherOptions = {},
  files: FileSystem = REAL_FILE_SYSTEM,
): Promise<Gathered> {
  const options = { exclude: await excluding(exclude), links, preserve, fresh };
  const entries: SendEntry[] = [];
  const leftOut: LeftOut[] = [];
  const operands = new Map<string, string>();
  for (const path of paths) {
    const isDirectory = await files.stat(path).then(
      (stat) => stat.isDirectory(),
      () => false, // opening it says why
    );
    const first = isDirectory ? await directoryName(path, as, files) : Buffer.from(nameToOffer(path, as));
    const other = operands.get(first.toString());
    if (other !== undefined) {
      const both = `${printable(other)} and ${printable(path)} would both arrive as ${printable(first)}`;
      throw new StoreError('ERR_USAGE', `${both}: send one of them alone, with --as NAME`);
    }
    operands.set(first.toString(), path);
    if (isDirectory) {
      const walk = new Walk(
        files,
        options,
        new Folder(undefined, first, Buffer.from(path.replace(/(?<=[^/])\/+$/, ''))),
      );
      entries.push(...(await walk.run()));
      leftOut.push(...walk.leftOut);
    } else {
      const entry = await openSource(path, { ...(as === undefined ? {} : { as }), preserve, fresh }, files);
      entries.push({ ...entry, local: path });
    }
  }
  return { entries, leftOut };
}

/** What a named directory is offered as: its real name for `.` and the like. */
async function directoryName(path: string, as: string | undefined, files: FileSystem): Promise<Buffer> {
  const given = path.split('/').findLast((component) => component !== '');
  if (as !== undefined || !['.', '..', undefined].includes(given)) {
    return Buffer.from(nameToOffer(given ?? path, as));
  }
  const real = await files.realpath(path, { encoding: 'buffer' }).catch((error: unknown) => {
    throw cannotSend(path, errorWords(error));
  });
  const name = real.subarray(real.lastIndexOf('/') + 1);
  if (name.length === 0) throw cannotSend(path, 'it has no name; name what is in it, or give it one with --as NAME');
  if (!isUtf8(name)) throw cannotSend(path, 'its name is not UTF-8; give it another with --as NAME');
  return name;
}

function cannotSend(path: string, reason: string): StoreError {
  return new StoreError('ERR_LOCAL_FILE', `cannot send ${printable(path)}: ${reason}`);
}
