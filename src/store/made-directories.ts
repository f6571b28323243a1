import type { FileSystem } from './file-system.ts';
import type { OutDirectory } from './out-directory.ts';
import { isOurs } from './part/own-file.ts';
import { madeId, ownName } from './part/own-names.ts';

/** Directories that are remembered, the latest ones. */
const MAX_KNOWN = 10_000;
const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;

/** A directory below the output directory, by its path and by what tells it from any other that ever had that path. */
export interface MadeDirectory {
  readonly path: string;
  readonly directory: Pick<OutDirectory, 'identity' | 'birth' | 'isEmpty'>;
}

/**
 * Which directories were made here, so that nothing of anybody else's is in them. While a transfer uses one, an empty
 * file in the output directory says so too (store/part/own-names), for the next process: its name is made of the path
 * and the directory's identity. Before the directory is there, of the path alone: that one counts only as long as the
 * directory is empty, because anybody may have made it. A directory below such a one is not noted.
 */
export class MadeDirectories {
  readonly #files: FileSystem;
  readonly #out: OutDirectory;
  readonly #isKept: boolean;
  readonly #known = new Set<string>();
  readonly #names = new WeakMap<MadeDirectory, string>();
  /** Transfers that go through a directory, by the name of its note, and when that is there. */
  readonly #users = new Map<string, { readonly owners: Set<object>; noted: Promise<void> | undefined }>();
  #trusted: Promise<boolean> | undefined;
  #clearing: Promise<unknown> = Promise.resolve();

  /** Without `isKept` the next process knows nothing. */
  constructor(files: FileSystem, out: OutDirectory, isKept: boolean) {
    this.#files = files;
    this.#out = out;
    this.#isKept = isKept;
  }

  /** To be said before a directory is made. Never rejects: what is not noted is only not known later. */
  async announce(path: string): Promise<void> {
    await this.#note(noteOf(path));
  }

  /** It was made, by us. */
  async confirm(made: MadeDirectory): Promise<void> {
    this.#remember(made);
    if (!(await this.#isTrusted())) return;
    await this.#files.rename(this.#out.at(noteOf(made.path)), this.#out.at(this.#nameOf(made))).catch(() => {});
  }

  /** It was not made, or not by us. */
  async withdraw(path: string): Promise<void> {
    if (await this.#isTrusted()) await this.#remove(noteOf(path));
  }

  /** Whether it was made here, by this process or by one that ended before the transfer that used it. */
  async has(there: MadeDirectory): Promise<boolean> {
    if (this.#known.has(this.#nameOf(there))) return true;
    if (!(await this.#isTrusted())) return false;
    const isNoted =
      (await this.#isNote(this.#nameOf(there))) ||
      ((await this.#isNote(noteOf(there.path))) && (await there.directory.isEmpty()));
    if (isNoted) await this.confirm(there);
    return isNoted;
  }

  /** A transfer goes through it; what is to be waited for first, if anything. */
  use(made: MadeDirectory, owner: object): Promise<void> | undefined {
    const name = this.#nameOf(made);
    const known = this.#users.get(name);
    if (known !== undefined) {
      known.owners.add(owner);
      return known.noted;
    }
    const user = { owners: new Set([owner]), noted: this.#note(name) as Promise<void> | undefined };
    void user.noted?.then(() => {
      user.noted = undefined;
    });
    this.#users.set(name, user);
    return user.noted;
  }

  /** A transfer has ended; whole: nobody will go on with it, and what only it used need not be known any longer. */
  release(owner: object, isWhole: boolean): void {
    for (const [name, { owners }] of this.#users) {
      if (!owners.delete(owner) || owners.size > 0) continue;
      this.#users.delete(name);
      if (isWhole && this.#isKept) this.#clearing = Promise.all([this.#clearing, this.#remove(name)]);
    }
  }

  /** Resolves when what was begun is done. */
  async settled(): Promise<void> {
    await this.#clearing;
  }

  #remember(made: MadeDirectory): void {
    const [oldest] = this.#known;
    if (oldest !== undefined && this.#known.size >= MAX_KNOWN) this.#known.delete(oldest);
    this.#known.add(this.#nameOf(made));
  }

  /** Where everybody may rename files, one of ours that a sender named could be made a note. */
  #isTrusted(): Promise<boolean> {
    this.#trusted ??= this.#look();
    return this.#trusted;
  }

  async #look(): Promise<boolean> {
    if (!this.#isKept) return false;
    const stat = await this.#files.stat(this.#out.at('.')).catch(() => undefined);
    if (stat === undefined) return false;
    return process.platform === 'win32' || (stat.mode & WRITABLE_BY_ALL) === 0 || (stat.mode & STICKY) !== 0;
  }

  async #isNote(name: string): Promise<boolean> {
    const stat = await this.#files.lstat(this.#out.at(name)).catch(() => undefined);
    return stat !== undefined && isOurs(stat) && stat.size === 0;
  }

  async #note(name: string): Promise<void> {
    if (!(await this.#isTrusted())) return;
    await this.#clearing; // perhaps of this one
    const note = await this.#files.open(this.#out.at(name), 'wx', 0o600).catch(() => undefined);
    await note?.close();
  }

  #nameOf(made: MadeDirectory): string {
    const known = this.#names.get(made);
    if (known !== undefined) return known;
    const name = noteOf(made.path, `${made.directory.identity}:${made.directory.birth}`);
    this.#names.set(made, name);
    return name;
  }

  async #remove(name: string): Promise<void> {
    await this.#files.unlink(this.#out.at(name)).catch(() => {});
  }
}

const noteOf = (path: string, identity?: string): string => ownName(madeId(path, identity), 'made');
