import { isUtf8 } from 'node:buffer';
import type { BigIntStats, Dirent } from 'node:fs';
import { printable } from '../../printable.ts';
import { offerFits } from '../../transfer/encode-message.ts';
import { MAX_COMPONENTS } from '../../transfer/message-layout.ts';
import { errorName, errorWords } from '../failure.ts';
import type { FileSystem } from '../file-system.ts';
import { checkTarget } from '../link-target.ts';
import { StoreError } from '../store-error.ts';
import type { Exclude } from './exclude.ts';
import type { LeftOut, LeftOutReason } from './left-out.ts';
import { Folder, FolderEntry, keptOf, NOTHING_KEPT, type SendEntry, TreeEntry } from './tree-entry.ts';

/** Looks at so many entries of a directory at once. */
const AT_ONCE = 32;

/** What is taken of a directory, and how. */
export interface WalkOptions {
  readonly exclude: Exclude;
  /** Symbolic links: left out, sent as links, or what they point at is sent in their place. */
  readonly links: 'skip' | 'send' | 'follow';
  /** Offer modes and times. */
  readonly preserve: boolean;
  /** Offer files afresh: nothing that the receiver has of them is to be used. */
  readonly fresh: boolean;
}

/** One entry of a directory with what is known of it. */
interface Found {
  readonly name: Buffer;
  readonly stat: BigIntStats | undefined;
  readonly kind: 'file' | 'directory' | 'link' | LeftOutReason;
  /** A link was followed. */
  readonly isFollowed: boolean;
}

/**
 * Walks a directory without opening any file, in the order of the names' bytes. Everything is known before anything is
 * sent: rejects with a StoreError for a directory that cannot be read and for what can never be sent.
 */
export class Walk {
  readonly leftOut: LeftOut[] = [];
  readonly #files: FileSystem;
  readonly #options: WalkOptions;
  readonly #top: Folder;
  /** Directories entered, to enter none twice. */
  readonly #entered = new Set<string>();
  /** Directories that links led to: looked at after all others, because those are sent under their own names. */
  readonly #led: Folder[] = [];

  constructor(files: FileSystem, options: WalkOptions, top: Folder) {
    this.#files = files;
    this.#options = options;
    this.#top = top;
  }

  async run(): Promise<SendEntry[]> {
    const stat = await this.#look(this.#top.path(), 'stat');
    await this.#enter(this.#top, stat);
    for (let next = this.#led.shift(); next !== undefined; next = this.#led.shift()) {
      await this.#enter(next, await this.#look(next.path(), 'stat'));
    }
    const entries: SendEntry[] = [];
    this.#collect(this.#top, entries);
    return entries;
  }

  async #enter(folder: Folder, stat: BigIntStats | undefined): Promise<void> {
    if (stat !== undefined) {
      const identity = `${stat.dev}:${stat.ino}`;
      if (this.#options.links === 'follow' && this.#entered.has(identity)) {
        return this.#leave(folder.parent ?? folder, folder.here, 'repeated directory', folder);
      }
      this.#entered.add(identity);
      if (this.#options.preserve) folder.kept = keptOf(stat);
    }
    if (folder.components().length > MAX_COMPONENTS) {
      throw cannotSend(folder.path(), `it is more than ${MAX_COMPONENTS} directories deep`);
    }
    for (const found of await this.#read(folder)) await this.#take(folder, found);
  }

  async #take(folder: Folder, { name, kind, stat, isFollowed }: Found): Promise<void> {
    const kept = stat !== undefined && this.#options.preserve ? keptOf(stat) : NOTHING_KEPT;
    switch (kind) {
      case 'directory': {
        const child = new Folder(folder, name);
        folder.content.push(child);
        if (isFollowed) this.#led.push(child);
        else await this.#enter(child, stat);
        break;
      }
      case 'file': {
        if (stat === undefined) return; // it went away meanwhile
        const { dev, ino, size, mtimeNs } = stat;
        const what = { kind, size: Number(size), seen: { dev, ino, size, mtimeNs }, fresh: this.#options.fresh };
        this.#put(folder, name, new TreeEntry(this.#files, folder, name, kept, what));
        break;
      }
      case 'link':
        if (this.#options.links === 'send') await this.#putLink(folder, name);
        else this.#leave(folder, name, 'link');
        break;
      default:
        this.#leave(folder, name, kind);
    }
  }

  async #putLink(folder: Folder, name: Buffer): Promise<void> {
    const path = folder.pathOf(name);
    const target = await this.#files.readlink(path, { encoding: 'buffer' }).catch((error: unknown) => {
      throw cannotSend(path, errorWords(error), error);
    });
    const checked = checkTarget(target, folder.components().length + 1);
    if (!checked.ok)
      throw cannotSend(path, `the link to ${printable(target)} ${checked.words}; leave it out with --exclude`);
    // A link's own mode and time mean nothing to most systems.
    this.#put(folder, name, new TreeEntry(this.#files, folder, name, NOTHING_KEPT, { kind: 'link', target }));
  }

  #put(folder: Folder, name: Buffer, entry: TreeEntry): void {
    const { offer } = entry;
    if (offer.path.length > MAX_COMPONENTS) {
      throw cannotSend(folder.pathOf(name), `it is more than ${MAX_COMPONENTS} directories deep`);
    }
    if (!offerFits(offer)) throw cannotSend(folder.pathOf(name), 'its path is too long for the protocol');
    folder.content.push(entry);
  }

  #leave(folder: Folder, name: Uint8Array, why: LeftOutReason, child?: Folder): void {
    this.leftOut.push({ path: printable(folder.pathOf(name)), why });
    if (child !== undefined) folder.content.splice(folder.content.indexOf(child), 1);
  }

  /** What is in a directory and not excluded, in order. */
  async #read(folder: Folder): Promise<Found[]> {
    const path = folder.path();
    let dirents: Dirent<Buffer>[];
    try {
      dirents = await this.#files.readdir(path, { encoding: 'buffer', withFileTypes: true });
    } catch (error) {
      throw cannotSend(path, errorWords(error), error);
    }
    dirents.sort((a, b) => Buffer.compare(a.name, b.name));
    const above = folder
      .components()
      .slice(1)
      .map((component) => Buffer.from(component).toString());
    const found: Found[] = [];
    for (let at = 0; at < dirents.length; at += AT_ONCE) {
      const some = dirents.slice(at, at + AT_ONCE).map((dirent) => this.#find(folder, above, dirent));
      found.push(...(await Promise.all(some)).filter((one) => one !== undefined));
    }
    return found;
  }

  /** Undefined: it is excluded, or went away. */
  async #find(folder: Folder, above: readonly string[], dirent: Dirent<Buffer>): Promise<Found | undefined> {
    const { name } = dirent;
    const path = folder.pathOf(name);
    if (this.#options.exclude([...above, name.toString()], dirent.isDirectory())) {
      this.#leave(folder, name, 'excluded');
      return undefined;
    }
    if (!isUtf8(name)) throw cannotSend(path, 'its name is not UTF-8; rename it, or leave it out with --exclude');
    const { links, preserve } = this.#options;
    const found = { name, isFollowed: false };
    if (dirent.isSymbolicLink()) {
      if (links !== 'follow') return { ...found, kind: 'link', stat: undefined };
      const stat = await this.#look(path, 'stat');
      const kind = stat === undefined ? 'broken link' : kindOf(stat);
      if (kind === 'directory' && this.#options.exclude([...above, name.toString()], true)) {
        this.#leave(folder, name, 'excluded');
        return undefined;
      }
      return { ...found, kind, stat, isFollowed: true };
    }
    const kind = kindOf(dirent);
    const isNeeded = kind === 'file' || (kind === 'directory' && (preserve || links === 'follow'));
    const stat = isNeeded ? await this.#look(path, 'lstat') : undefined;
    if (isNeeded && stat === undefined) return undefined;
    return { ...found, kind: stat === undefined ? kind : kindOf(stat), stat };
  }

  /** Undefined: there is nothing. */
  async #look(path: Buffer, how: 'stat' | 'lstat'): Promise<BigIntStats | undefined> {
    try {
      return await this.#files[how](path, { bigint: true });
    } catch (error) {
      if (['ENOENT', 'ELOOP', 'ENOTDIR'].includes(errorName(error) ?? '')) return undefined;
      throw cannotSend(path, errorWords(error), error);
    }
  }

  /** Files and links first, and after everything in it the directory itself, where it is an entry. */
  #collect(folder: Folder, entries: SendEntry[]): void {
    const before = entries.length;
    for (const one of folder.content) {
      if (one instanceof Folder) this.#collect(one, entries);
      else entries.push(one);
    }
    if (!this.#options.preserve && entries.length > before) return;
    const entry = new FolderEntry(folder);
    if (!offerFits(entry.offer)) throw cannotSend(folder.path(), 'its path is too long for the protocol');
    entries.push(entry);
  }
}

type Kinds = Pick<
  BigIntStats,
  'isFile' | 'isDirectory' | 'isSymbolicLink' | 'isSocket' | 'isFIFO' | 'isBlockDevice' | 'isCharacterDevice'
>;

function kindOf(it: Kinds): Found['kind'] {
  if (it.isFile()) return 'file';
  if (it.isDirectory()) return 'directory';
  if (it.isSymbolicLink()) return 'link';
  if (it.isSocket()) return 'socket';
  return it.isFIFO() ? 'pipe' : 'device';
}

function cannotSend(path: Uint8Array, reason: string, cause?: unknown): StoreError {
  return new StoreError('ERR_LOCAL_FILE', `cannot send ${printable(path)}: ${reason}`, { cause });
}
