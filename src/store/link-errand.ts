import { TRANSFER_CODE } from '../transfer/codes.ts';
import { type Answer, refuse, skip } from './answers.ts';
import type { Done, Errand } from './bare-sink.ts';
import { kindWords } from './directory-errand.ts';
import { existsText, MAX_NUMBER, numberedName } from './exists-policy.ts';
import { errorName, Refusal } from './failure.ts';
import type { OutDirectory } from './out-directory.ts';
import { ownName, passingId } from './part/own-names.ts';
import type { Place } from './place.ts';
import type { Spot } from './spot.ts';

const ALREADY_THERE = 'already there';

/** Makes a symbolic link. What it points at is never looked at. */
export class LinkErrand implements Errand {
  readonly path: string;
  readonly #place: Place;
  readonly #spot: Spot;
  readonly #target: string;

  /** `target` is checked. */
  constructor(place: Place, spot: Spot, target: string) {
    this.path = spot.path;
    this.#place = place;
    this.#spot = spot;
    this.#target = target;
  }

  async consider(): Promise<Answer | undefined> {
    const { files, exists } = this.#place;
    const berth = await this.#spot.enter();
    try {
      const path = berth.directory.at(this.#spot.name);
      const there = await files.lstat(path);
      if (exists === 'rename' || (await this.#isThere(path))) return undefined;
      if (exists === 'overwrite' && there.isSymbolicLink()) return undefined;
      const text =
        exists === 'refuse' || exists === 'overwrite' ? `${this.path} exists and is ${kindWords(there)}` : '';
      return exists === 'skip'
        ? skip(TRANSFER_CODE.exists, `${this.path} exists`)
        : refuse(TRANSFER_CODE.exists, there.isSymbolicLink() ? `${text} to something else` : text);
    } catch (error) {
      if (errorName(error) !== 'ENOENT') throw error;
      return undefined;
    } finally {
      berth.leave();
    }
  }

  async finish(): Promise<Done> {
    const berth = await this.#spot.enter();
    try {
      const { directory } = berth;
      await directory.check();
      const words = await this.#make(directory);
      if (this.#place.fsync) await berth.settle();
      return { isNew: words !== ALREADY_THERE, words };
    } finally {
      berth.leave();
    }
  }

  /** Answers what is to be said. */
  async #make(directory: OutDirectory): Promise<string> {
    const { exists } = this.#place;
    const path = directory.at(this.#spot.name);
    if (await this.#claim(path)) return '';
    if (exists !== 'rename' && (await this.#isThere(path))) return ALREADY_THERE;
    if (exists === 'overwrite' && (await this.#replace(path))) return '';
    for (let number = 1; exists === 'rename' && number <= MAX_NUMBER; number++) {
      const candidate = numberedName(this.#spot.name, number);
      if (await this.#claim(directory.at(candidate))) return `stored as ${this.#spot.beside(candidate)}`;
    }
    const text =
      exists === 'overwrite' ? `${this.path} exists and is not a symbolic link` : existsText(exists, this.path);
    throw new Refusal(TRANSFER_CODE.exists, text);
  }

  async #isThere(path: string): Promise<boolean> {
    return (await this.#place.files.readlink(path).catch(() => undefined)) === this.#target;
  }

  /** Takes a name that is free; false when it is not. */
  async #claim(path: string): Promise<boolean> {
    try {
      await this.#place.files.symlink(this.#target, path);
      return true;
    } catch (error) {
      if (errorName(error) === 'EEXIST') return false;
      throw error;
    }
  }

  /** Renames a new link over an old one; false for anything else. */
  async #replace(path: string): Promise<boolean> {
    const { files, directory } = this.#place;
    if (!(await files.lstat(path)).isSymbolicLink()) return false;
    const own = directory.at(ownName(await passingId(), 'link'));
    await files.symlink(this.#target, own);
    try {
      await files.rename(own, path);
      return true;
    } catch (error) {
      await files.unlink(own).catch(() => {});
      if (['EISDIR', 'ENOTEMPTY', 'EEXIST'].includes(errorName(error) ?? '')) return false; // a directory got there
      throw error;
    }
  }
}
