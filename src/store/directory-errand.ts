import type { Stats } from 'node:fs';
import { TRANSFER_CODE } from '../transfer/codes.ts';
import type { Offer } from '../transfer/messages.ts';
import { type Answer, refuse } from './answers.ts';
import type { Done, Errand } from './bare-sink.ts';
import { errorName } from './failure.ts';
import type { Place } from './place.ts';
import type { Spot } from './spot.ts';

/** Makes a directory, or finds it there, and gives it its mode and time after everything below it is done. */
export class DirectoryErrand implements Errand {
  readonly path: string;
  readonly #place: Place;
  readonly #offer: Offer;
  readonly #spot: Spot;
  readonly #below: Promise<unknown>;
  #isNew = true;

  /** `below` resolves when the entries below it that were offered before it are done. */
  constructor(place: Place, offer: Offer, spot: Spot, below: Promise<unknown>) {
    this.path = spot.path;
    this.#place = place;
    this.#offer = offer;
    this.#spot = spot;
    this.#below = below;
  }

  async consider(): Promise<Answer | undefined> {
    const berth = await this.#spot.enter();
    try {
      const there = await this.#place.files.lstat(berth.directory.at(this.#spot.name));
      this.#isNew = false;
      if (there.isDirectory()) return undefined;
      return refuse(TRANSFER_CODE.exists, `${this.path} exists and is ${kindWords(there)}, not a directory`);
    } catch (error) {
      if (errorName(error) !== 'ENOENT') throw error;
      return undefined;
    } finally {
      berth.leave();
    }
  }

  async finish(): Promise<Done> {
    await this.#below;
    const berth = await this.#spot.enterItself();
    try {
      // What was there before keeps its mode and time, unless we were told to overwrite.
      if (berth.isOurs || this.#place.exists === 'overwrite') {
        const { mode, mtime } = this.#offer;
        await berth.directory.restore(mode === undefined ? undefined : mode & this.#place.mayHave, mtime);
      }
      if (this.#place.fsync) await berth.settle();
      return { isNew: this.#isNew, words: '' };
    } finally {
      berth.leave();
    }
  }
}

/** What is there, in words. */
export function kindWords(there: Pick<Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): string {
  if (there.isDirectory()) return 'a directory';
  if (there.isSymbolicLink()) return 'a symbolic link';
  return there.isFile() ? 'a file' : 'a special file';
}
