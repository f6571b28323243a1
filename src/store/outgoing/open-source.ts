import type { BigIntStats } from 'node:fs';
import { basename } from 'node:path';
import type { OutgoingEntry } from '../../transfer/ports.ts';
import { encodeText } from '../../transfer/text.ts';
import { errorName, errorWords } from '../failure.ts';
import { type FileSystem, REAL_FILE_SYSTEM } from '../file-system.ts';
import { checkName, MAX_NAME, REFUSAL_WORDS } from '../names.ts';
import { StoreError } from '../store-error.ts';
import { OPEN_SOURCE, readAt } from './file-source.ts';
import { openFile } from './open-file.ts';
import { keptOf, NOTHING_KEPT } from './tree-entry.ts';

const NOT_UTF8 =
  'its name is not UTF-8: rename it, or send what is in it as stdin, like: udpcp send - --as NAME HOST <FILE';

export interface SourceOptions {
  /** The name that the receiver is offered instead of the file's own: one component. */
  readonly as?: string;
  /** All of it is to be sent, whatever the receiver has of it from an earlier time; default false. */
  readonly fresh?: boolean;
  /** Offer its modification time and permission bits too. */
  readonly preserve?: boolean;
}

/**
 * Looks at a file before anything is sent. Rejects with a StoreError (`ERR_LOCAL_FILE`, or `ERR_USAGE` for a bad `as`)
 * when it cannot be read, is not a regular file or has no usable name. Holds nothing open: `open` of the entry reads.
 */
export async function openSource(
  path: string,
  options: SourceOptions = {},
  files: FileSystem = REAL_FILE_SYSTEM,
): Promise<OutgoingEntry> {
  const name = nameToOffer(path, options.as);
  const stat = await look(path, files);
  return {
    offer: {
      entryKind: 'file',
      size: Number(stat.size),
      ...(options.preserve ? keptOf(stat) : NOTHING_KEPT),
      fresh: options.fresh ?? false,
      path: [encodeText(name)],
      target: new Uint8Array(0),
    },
    open: (wanted, wake) => openFile(files, { path, name, stat }, wanted, wake),
  };
}

/**
 * What a path is offered as. What the receiver thinks of the name is its own business; here it must only fit into an
 * offer. Throws a StoreError.
 */
export function nameToOffer(path: string, as: string | undefined): string {
  const name = as ?? basename(path);
  if (as !== undefined) {
    const checked = checkName(encodeText(as), { allowHidden: true, platform: 'posix' });
    if (!checked.ok)
      throw new StoreError('ERR_USAGE', `cannot send as ${as}: the name ${REFUSAL_WORDS[checked.reason]}`);
  } else if (encodeText(name).length > MAX_NAME) {
    throw new StoreError('ERR_LOCAL_FILE', `cannot send ${path}: its name is too long; give it another with --as NAME`);
  }
  return name;
}

async function look(path: string, files: FileSystem): Promise<BigIntStats> {
  try {
    const handle = await files.open(path, OPEN_SOURCE);
    try {
      const stat = await handle.stat({ bigint: true });
      const reason = unfit(stat);
      if (reason !== undefined) throw cannotSend(path, reason);
      // Files of /proc say 0 and have content all the same: their end is known only by reading.
      if (stat.size === 0n && (await readAt(handle, 0, 1)).length > 0) {
        throw cannotSend(path, 'it does not say its size; copy it to a regular file first');
      }
      return stat;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw cannotSend(path, reasonOf(error, path), { cause: error });
  }
}

function reasonOf(error: unknown, path: string): string {
  if (errorName(error) === 'ENXIO') return 'it is not a regular file'; // a socket
  // What Node makes of a byte in an argument that is no UTF-8, so that no such file is found.
  if (errorName(error) === 'ENOENT' && path.includes('\ufffd')) return NOT_UTF8;
  return errorWords(error);
}

function unfit(stat: BigIntStats): string | undefined {
  if (stat.isDirectory()) return 'it is a directory';
  if (stat.isFIFO()) return 'it is a pipe; write what comes out of it to a regular file first';
  if (!stat.isFile()) return 'it is not a regular file';
  if (stat.size > BigInt(Number.MAX_SAFE_INTEGER)) return 'it is too large';
  return undefined;
}

function cannotSend(path: string, reason: string, options?: ErrorOptions): StoreError {
  return new StoreError('ERR_LOCAL_FILE', `cannot send ${path}: ${reason}`, options);
}
