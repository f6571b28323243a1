import type { Bytes, Millis } from '../../base/units.ts';
import type { FileSystem } from '../file-system.ts';
import type { OutDirectory } from '../out-directory.ts';
import { isPassing } from './own-names.ts';
import { findOwn, type Partial, partialsOf, purgeOwn } from './partials.ts';

/** Of what nobody can go on with, because its name is known to nobody: long enough for a process that we cannot see. */
const PASSING_AGE: Millis = 3_600_000;
/** A look at all that is in the directory serves everybody for so long. */
const LOOK_AGE: Millis = 5000;

/** What interrupted transfers left in the output directory of a store, which may be what fills the disk. */
export class Leftovers {
  readonly #files: FileSystem;
  readonly #directory: OutDirectory;
  readonly #keep: Millis | undefined;
  #looked: { readonly words: Promise<string>; readonly at: Millis } | undefined;

  /** `keep`: what was not written to for so long goes; undefined: nothing does. */
  constructor(files: FileSystem, directory: OutDirectory, keep: Millis | undefined) {
    this.#files = files;
    this.#directory = directory;
    this.#keep = keep;
  }

  /** Removes what is too old, and says what is left, to follow a reason why there is no room. Never rejects. */
  clear(): Promise<string> {
    const now = performance.now();
    if (this.#looked === undefined || now - this.#looked.at >= LOOK_AGE)
      this.#looked = { words: this.#look().catch(() => ''), at: now };
    return this.#looked.words;
  }

  /** Resolves when nothing is looked at any more. */
  async settled(): Promise<void> {
    await this.#looked?.words;
  }

  async #look(): Promise<string> {
    const [files, directory, keep] = [this.#files, this.#directory, this.#keep];
    const found = await findOwn(files, directory);
    if (keep !== undefined) {
      await purgeOwn(files, directory, found, (id) => {
        if (!isPassing(id)) return keep;
        // What only was to become a lock is missed by nobody.
        return found.get(id)?.has('part') ? Math.min(keep, PASSING_AGE) : 0;
      });
    }
    return words((await partialsOf(files, directory, found)).filter(({ inUse }) => !inUse));
  }
}

function words(kept: readonly Partial[]): string {
  const bytes: Bytes = kept.reduce((sum, { have }) => sum + have, 0);
  if (bytes === 0) return '';
  const what = kept.length === 1 ? '1 unfinished file holds' : `${kept.length} unfinished files hold`;
  return `; ${what} ${bytes} bytes there (see udpcp recv --list-partials, --purge-partials)`;
}
