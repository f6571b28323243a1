import type { Millis } from '../base/units.ts';
import { errorName } from './failure.ts';
import type { MadeDirectories } from './made-directories.ts';
import { type OutDirectory, TRUST } from './out-directory.ts';

/** Directories held open that nobody uses now. */
const MAX_OPEN = 32;

/** One directory held open. */
export class Branch {
  readonly directory: OutDirectory;
  readonly parent: Branch | undefined;
  readonly name: string;
  readonly path: string;
  /** Leases, and branches that were opened through it. */
  users = 0;
  checkedAt: Millis;
  /** Whether it was made here, as far as that was asked. */
  isMade: boolean | undefined;
  /** The transfer that it was made for, where that was done since it is open. */
  madeFor: object | undefined;
  /** A look whether its name still leads here, for all who ask meanwhile. */
  look: Promise<boolean> | undefined;
  /** Its name leads elsewhere now: nobody new gets it. */
  isDetached = false;
  #made = 0;
  #durable = 0;

  constructor(directory: OutDirectory, parent: Branch | undefined, name: string) {
    this.directory = directory;
    this.parent = parent;
    this.name = name;
    this.path = parent === undefined ? '' : `${parent.path}/${name}`;
    this.checkedAt = performance.now();
  }

  /** A directory was made in it. */
  noteMade(): void {
    this.#made++;
  }

  /** Directories were made in it that a crash may still take away. */
  get isUnsettled(): boolean {
    return this.#made > this.#durable;
  }

  /** Makes the names in it durable, and those on the way to it. */
  async settle(): Promise<void> {
    const made = this.#made;
    await this.directory.sync();
    this.#durable = Math.max(this.#durable, made);
    for (let above = this.parent; above !== undefined; above = above.parent) {
      if (above.isUnsettled) return above.settle();
    }
  }
}

/**
 * The directories below the output directory, each opened through the one above it and never through a symbolic link.
 * A few stay open between two uses.
 */
export class Tree {
  readonly #root: Branch;
  /** By path, those used last at the end. */
  readonly #open = new Map<string, Branch>();
  readonly #opening = new Map<string, Promise<Branch>>();
  readonly #made: MadeDirectories;
  #trimming = false;

  constructor(top: OutDirectory, made: MadeDirectories) {
    this.#made = made;
    this.#root = new Branch(top, undefined, '');
    this.#root.users = 1;
  }

  /** The output directory itself, leased. */
  top(): Branch {
    this.#root.users++;
    return this.#root;
  }

  /** What `enter` would answer, where that is known at once. */
  known(parent: Branch, name: string): Branch | undefined {
    const known = this.#open.get(`${parent.path}/${name}`);
    if (known === undefined || known.isDetached || performance.now() - known.checkedAt >= TRUST) return undefined;
    known.users++;
    return known;
  }

  /**
   * The directory of that validated name in a leased one, leased too, made for this transfer when it is missing; whether
   * the parent, or one above it, was made here. Rejects with the system's error; ENOTDIR: something else has that name.
   */
  async enter(parent: Branch, name: string, isBelowMade: boolean, owner: object): Promise<Branch> {
    const path = `${parent.path}/${name}`;
    const known = this.#open.get(path);
    if (known !== undefined) {
      known.users++;
      if (await this.#isStill(known)) {
        this.#open.delete(path);
        this.#open.set(path, known);
        return known;
      }
      this.#detach(known);
      this.leave(known);
    }
    const underWay = this.#opening.get(path);
    if (underWay !== undefined) {
      await underWay.catch(() => {});
      return this.enter(parent, name, isBelowMade, owner);
    }
    const opening = this.#begin(parent, name, isBelowMade, owner).finally(() => this.#opening.delete(path));
    this.#opening.set(path, opening);
    return opening;
  }

  /** Whether this directory was made here, and by nobody else. */
  async hasMade(branch: Branch): Promise<boolean> {
    branch.isMade ??= await this.#made.has(branch);
    return branch.isMade;
  }

  /** Gives back a lease. */
  leave(branch: Branch): void {
    branch.users--;
    if (branch.users > 0) return;
    if (branch.isDetached) this.#close(branch);
    else if (this.#open.size > MAX_OPEN) void this.#trim();
  }

  /** Closes everything, once nothing is leased any more. */
  async close(): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    for (const { directory } of all) await directory.close().catch(() => {});
    await this.#root.directory.close();
  }

  async #begin(parent: Branch, name: string, isBelowMade: boolean, owner: object): Promise<Branch> {
    const path = `${parent.path}/${name}`;
    let isAnnounced = false;
    const announce = async (): Promise<void> => {
      isAnnounced = !isBelowMade;
      if (isAnnounced) await this.#made.announce(path);
    };
    let entered: { readonly directory: OutDirectory; readonly created: boolean };
    try {
      entered = await parent.directory.enter(name, announce);
    } catch (error) {
      if (isAnnounced) await this.#made.withdraw(path);
      throw error;
    }
    const { directory, created } = entered;
    const branch = new Branch(directory, parent, name);
    branch.users = 1;
    parent.users++;
    if (created) parent.noteMade();
    if (created) branch.isMade = true;
    if (created) branch.madeFor = owner;
    if (created && isAnnounced) this.#root.noteMade(); // the note is durable as soon as the directory is
    if (isAnnounced) await (created ? this.#made.confirm(branch) : this.#made.withdraw(path));
    const other = this.#open.get(branch.path);
    if (other !== undefined) this.#detach(other);
    this.#open.set(branch.path, branch);
    return branch;
  }

  async #isStill(branch: Branch): Promise<boolean> {
    if (branch.isDetached) return false;
    if (branch.parent === undefined || performance.now() - branch.checkedAt < TRUST) return true;
    branch.look ??= this.#look(branch.parent, branch).finally(() => {
      branch.look = undefined;
    });
    return (await branch.look) && !branch.isDetached;
  }

  async #look(parent: Branch, branch: Branch): Promise<boolean> {
    const now = performance.now();
    const isSame = await parent.directory.holds(branch.name, branch.directory.identity).catch((error: unknown) => {
      if (errorName(error) === 'ENOTDIR') return false;
      throw error;
    });
    if (isSame) branch.checkedAt = now;
    return isSame;
  }

  /** Nobody new gets it or what is below it; whoever has it keeps it. */
  #detach(branch: Branch): void {
    if (branch.isDetached) return;
    const below = [...this.#open.values()].filter(({ path }) => path.startsWith(`${branch.path}/`));
    for (const one of [...below.reverse(), branch]) {
      if (this.#open.get(one.path) === one) this.#open.delete(one.path);
      if (one.isDetached) continue;
      one.isDetached = true;
      if (one.users === 0) this.#close(one);
    }
  }

  /** Closes those that were used least recently. */
  async #trim(): Promise<void> {
    if (this.#trimming) return;
    this.#trimming = true;
    try {
      for (const branch of [...this.#open.values()]) {
        if (this.#open.size <= MAX_OPEN) break;
        if (branch.users > 0 || branch.isDetached) continue;
        branch.users++; // what was made in it would be forgotten with it
        const isSafe =
          !branch.isUnsettled ||
          (await branch.settle().then(
            () => true,
            () => false,
          ));
        branch.users--;
        if (!isSafe || branch.users > 0) continue; // the next one to need it durable hears of the failure
        if (branch.isDetached) this.#close(branch);
        else this.#detach(branch);
      }
    } finally {
      this.#trimming = false;
    }
  }

  #close(branch: Branch): void {
    void branch.directory.close().catch(() => {}); // nothing was written through it
    if (branch.parent !== undefined) this.leave(branch.parent);
  }
}
