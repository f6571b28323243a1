import { TRANSFER_CODE } from '../transfer/codes.ts';
import { errorName, Refusal } from './failure.ts';
import { REFUSAL_WORDS } from './names.ts';
import type { OutDirectory } from './out-directory.ts';
import type { Branch, Tree } from './tree.ts';

/** A directory while it is used. */
export interface Berth {
  readonly directory: OutDirectory;
  /** It, or one above it, was made here: nothing of anybody else's is in it. */
  readonly isOurs: boolean;
  /** It was made for this transfer, since it is open. */
  readonly isNew: boolean;
  /** Makes the names in it durable, and those on the way to it. */
  settle(): Promise<void>;
  leave(): void;
}

/** Where one entry belongs: a name in a directory that may have to be made first. */
export class Spot {
  readonly #tree: Tree;
  readonly #names: readonly string[];
  readonly #allowHidden: boolean;
  readonly #owner: object;
  readonly #onOurs: (branch: Branch) => Promise<void> | undefined;
  /** The last component. */
  readonly name: string;
  /** The whole path, with slashes. */
  readonly path: string;

  /**
   * `names` are validated but for hidden ones, at least one; `owner` is its transfer; `onOurs` hears of the first
   * directory that was made here.
   */
  constructor(
    tree: Tree,
    names: readonly string[],
    allowHidden: boolean,
    owner: object,
    onOurs: (branch: Branch) => Promise<void> | undefined,
  ) {
    this.#owner = owner;
    this.#onOurs = onOurs;
    this.#tree = tree;
    this.#names = names;
    this.#allowHidden = allowHidden;
    this.name = names.at(-1) ?? '';
    this.path = names.join('/');
  }

  /** The path with another last component. */
  beside(name: string): string {
    return [...this.#names.slice(0, -1), name].join('/');
  }

  /** The directory of the entry; what is missing on the way is made. Rejects with Refusal or the system's error. */
  enter(): Promise<Berth> {
    return this.#walk(this.#names.length - 1);
  }

  /** The entry as a directory itself, made when it is missing. Rejects like `enter`. */
  enterItself(): Promise<Berth> {
    return this.#walk(this.#names.length);
  }

  async #walk(depth: number): Promise<Berth> {
    let branch = this.#tree.top();
    let isOurs = false;
    try {
      await branch.directory.check();
      for (let i = 0; i < this.#names.length; i++) {
        const name = this.#names[i] ?? '';
        if (name.startsWith('.') && !this.#allowHidden && !isOurs) {
          throw new Refusal(TRANSFER_CODE.name, hiddenText(i));
        }
        if (i === depth) break;
        const parent = branch;
        branch = this.#tree.known(parent, name) ?? (await this.#step(parent, i, isOurs));
        this.#tree.leave(parent); // its child keeps it open
        if (isOurs || !(branch.isMade ?? (await this.#tree.hasMade(branch)))) continue;
        isOurs = true;
        const noting = this.#onOurs(branch);
        if (noting !== undefined) await noting;
      }
    } catch (error) {
      this.#tree.leave(branch);
      throw error;
    }
    const { directory } = branch;
    let isLeft = false;
    return {
      directory,
      isOurs,
      isNew: branch.madeFor === this.#owner,
      settle: () => branch.settle(),
      leave: () => {
        if (!isLeft) this.#tree.leave(branch);
        isLeft = true;
      },
    };
  }

  async #step(parent: Branch, index: number, isOurs: boolean): Promise<Branch> {
    const name = this.#names[index] ?? '';
    try {
      return await this.#tree.enter(parent, name, isOurs, this.#owner);
    } catch (error) {
      if (!['ENOTDIR', 'ELOOP', 'EEXIST'].includes(errorName(error) ?? '')) throw error;
      const obstacle = this.#names.slice(0, index + 1).join('/');
      throw new Refusal(TRANSFER_CODE.exists, `cannot store ${this.path}: ${obstacle} exists and is not a directory`);
    }
  }
}

function hiddenText(depth: number): string {
  const where = depth === 0 ? '' : ', in a directory that was there before';
  return `the name ${REFUSAL_WORDS.hidden}${where}`;
}
