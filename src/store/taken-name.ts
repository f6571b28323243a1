import { PREFIX_CHUNK } from '../transfer/message-layout.ts';
import { type Answer, compare } from './answers.ts';
import type { Promised } from './arrivals.ts';
import { isSameFile } from './existing-file.ts';
import { answerExisting, existsText } from './exists-policy.ts';
import { errorName } from './failure.ts';
import type { InTurn } from './gate.ts';
import type { Place } from './place.ts';
import type { Spot } from './spot.ts';

/** What stands under a file's name already, if anything, and what the policy says to that. */
export class TakenName {
  readonly #place: Place;
  readonly #spot: Spot;
  readonly #size: number | undefined;

  constructor(place: Place, spot: Spot, size: number | undefined) {
    this.#place = place;
    this.#spot = spot;
    this.#size = size;
  }

  /** Why the name cannot be had by any policy that does not say otherwise. */
  get words(): string {
    return existsText(this.#place.exists, this.#spot.path);
  }

  /**
   * The policy's answer to what is there now; undefined: take the entry. Publishing decides: this only saves the content's
   * way, and in a directory that was made for the same transfer it would save nothing.
   */
  async consider(): Promise<Answer | undefined> {
    const { files, exists } = this.#place;
    const { directory, isNew, leave } = await this.#spot.enter();
    try {
      if (isNew && exists === 'refuse' && this.#isSmall) return undefined;
      const there = await files.lstat(directory.at(this.#spot.name));
      // Perhaps it is the very same: an earlier transfer may have stored it and its sender not have heard of it.
      if (exists === 'refuse' && there.isFile() && there.size === this.#size) return compare();
      return answerExisting(exists, this.#spot.path, there);
    } catch (error) {
      if (errorName(error) !== 'ENOENT') throw error;
      return undefined;
    } finally {
      leave();
    }
  }

  /** Whether what is there is the very file that was promised, and may stay. */
  async isSame({ size, digest }: Promised, isAborted: () => boolean, inTurn: InTurn): Promise<boolean> {
    const { files, exists } = this.#place;
    if (exists !== 'refuse') return false;
    const { directory, leave } = await this.#spot.enter();
    try {
      return await isSameFile(files, directory.at(this.#spot.name), size, digest, isAborted, inTurn);
    } finally {
      leave();
    }
  }

  get #isSmall(): boolean {
    return (this.#size ?? PREFIX_CHUNK) < PREFIX_CHUNK;
  }
}
