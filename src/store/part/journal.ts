import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { MAX_COMPONENT, MAX_COMPONENTS } from '../../transfer/message-layout.ts';
import { equalBytes } from '../../transfer/outcome.ts';
import type { FileSystem } from '../file-system.ts';

/**
 * The journal beside a part file says what the part will be. Text, one field per line, in this order:
 *
 *     udpcp-journal 2
 *     path 646f6373/612e747874       components of the final path, their UTF-8 in hex
 *     size 1048576                   bytes, or `unknown`
 *     mtime 1700000000000            of the sender's file, milliseconds since 1970, or `unknown`
 *     created 1700000000000          when the part was begun, milliseconds since 1970
 *     check 0123456789abcdef         the first 8 bytes of the SHA-256 of the lines before
 *
 * It is there for people who look at what is left, and proves nothing: a part belongs to a path by its name, and its
 * bytes are compared with the sender's. A journal that is damaged or missing costs nothing but this information.
 */
export interface Journal {
  /** Bytes as they came from the wire. */
  readonly path: readonly Uint8Array[];
  readonly size: number | undefined;
  readonly mtime: number | undefined;
  readonly created: number;
}

const FORMAT =
  /^(udpcp-journal 2\npath ([0-9a-f/]+)\nsize (0|[1-9]\d{0,15}|unknown)\nmtime (0|-?[1-9]\d{0,15}|unknown)\ncreated (0|[1-9]\d{0,15})\n)check ([0-9a-f]{16})\n$/;
const COMPONENT = /^(?:[0-9a-f]{2})+$/;
/** No journal is longer: every component at its longest, in hex, and five short lines. */
const MAX_JOURNAL = MAX_COMPONENTS * (2 * MAX_COMPONENT + 1) + 200;

/** Numbers that are not safe integers become `unknown`. */
export function formatJournal(journal: Journal): string {
  const lines = [
    'udpcp-journal 2',
    `path ${journal.path.map((component) => Buffer.from(component).toString('hex')).join('/')}`,
    `size ${known(journal.size)}`,
    `mtime ${known(journal.mtime)}`,
    `created ${journal.created}`,
    '',
  ].join('\n');
  return `${lines}check ${checkOf(lines)}\n`;
}

/** What a journal says; undefined for anything that `formatJournal` does not write. Never throws. */
export function parseJournal(bytes: Uint8Array): Journal | undefined {
  if (bytes.length > MAX_JOURNAL) return undefined;
  const match = FORMAT.exec(Buffer.from(bytes).toString('latin1'));
  if (match === null) return undefined;
  const [, lines = '', path = '', size = '', mtime = '', created = '', check] = match;
  const components = path.split('/');
  const fits = (component: string): boolean => COMPONENT.test(component) && component.length <= 2 * MAX_COMPONENT;
  if (checkOf(lines) !== check || components.length > MAX_COMPONENTS || !components.every(fits)) return undefined;
  const numbers = [size, mtime, created].map((field) => (field === 'unknown' ? undefined : Number(field)));
  if (numbers.some((number) => number !== undefined && !Number.isSafeInteger(number))) return undefined;
  return {
    path: components.map((component) => new Uint8Array(Buffer.from(component, 'hex'))),
    size: numbers[0],
    mtime: numbers[1],
    created: Number(created),
  };
}

/** The journal at this place, or undefined where there is none that can be read. Never rejects, never waits for a pipe. */
export async function readJournal(files: FileSystem, at: string): Promise<Journal | undefined> {
  try {
    const handle = await files.open(at, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      if (!(await handle.stat()).isFile()) return undefined;
      const { buffer, bytesRead } = await handle.read(new Uint8Array(MAX_JOURNAL + 1), 0, MAX_JOURNAL + 1, 0);
      return parseJournal(buffer.subarray(0, bytesRead));
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}

/** Makes the journal at this place say this, unless it does but for the time; as far as the disk lets it, never rejects. */
export async function keepJournal(files: FileSystem, at: string, journal: Journal): Promise<void> {
  const old = await readJournal(files, at);
  if (old !== undefined && isSame(old, journal)) return;
  try {
    if (old !== undefined || (await files.lstat(at).catch(() => undefined)) !== undefined) await files.unlink(at);
    const handle = await files.open(at, 'wx', 0o600);
    try {
      await handle.writeFile(formatJournal({ ...journal, created: old?.created ?? journal.created }));
    } finally {
      await handle.close();
    }
  } catch {
    // It costs the name in a listing.
  }
}

function isSame(a: Journal, b: Journal): boolean {
  const samePath =
    a.path.length === b.path.length && a.path.every((c, i) => equalBytes(c, b.path[i] ?? new Uint8Array()));
  return samePath && known(a.size) === known(b.size) && known(a.mtime) === known(b.mtime);
}

const checkOf = (lines: string): string => createHash('sha256').update(lines).digest('hex').slice(0, 16);

const known = (number: number | undefined): number | 'unknown' =>
  number !== undefined && Number.isSafeInteger(number) ? number : 'unknown';
