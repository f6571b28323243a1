import type { Bytes, Millis } from '../base/units.ts';
import { TRANSFER_CODE } from '../transfer/codes.ts';
import type { Offer } from '../transfer/messages.ts';
import type { Owner, Sink, Store } from '../transfer/ports.ts';
import { refuse } from './answers.ts';
import { BareSink } from './bare-sink.ts';
import { Comparisons } from './comparisons.ts';
import { DirectoryErrand } from './directory-errand.ts';
import type { ExistsPolicy } from './exists-policy.ts';
import type { Failure } from './failure.ts';
import { FileSink, tooLarge } from './file-sink.ts';
import { type FileSystem, REAL_FILE_SYSTEM } from './file-system.ts';
import { LinkErrand } from './link-errand.ts';
import { checkTarget } from './link-target.ts';
import { MadeDirectories } from './made-directories.ts';
import { checkName, REFUSAL_WORDS } from './names.ts';
import { type OutDirectory, openOutDirectory } from './out-directory.ts';
import { Leftovers } from './part/leftovers.ts';
import { PartClaims } from './part/part-claims.ts';
import type { Place } from './place.ts';
import { RefusedSink } from './refused-sink.ts';
import { Spot } from './spot.ts';
import { Tree } from './tree.ts';
import { Visit } from './visit.ts';

const KEEP: Millis = 7 * 24 * 3_600_000;

export interface StoreOptions {
  /** What happens to an entry whose name is taken; default `refuse`. */
  readonly exists?: ExistsPolicy;
  /** Take names with a leading dot; default false. */
  readonly allowHidden?: boolean;
  /** The largest file taken; default: any. */
  readonly maxSize?: Bytes;
  /** Files, directories and links taken in all; default: any number. */
  readonly maxFiles?: number;
  /** Keep what interrupted transfers leave, and go on with it; default true. */
  readonly resume?: boolean;
  /** Where `resume`: what interrupted transfers left goes when it was not written to for so long; default 7 days. */
  readonly keepPartials?: Millis;
  /** Make every file durable before it is confirmed; default true. Without, a crash of the machine may lose files. */
  readonly fsync?: boolean;
  /** How long a transfer that holds a part may be silent before another one goes on with it; default 2 s. */
  readonly holderSilence?: Millis;
}

/**
 * Opens a directory for received files: it must be one that we may read and write, and is created when only its last
 * component is missing (`store.created` tells). Rejects with a StoreError.
 */
export async function openStore(
  path: string,
  options: StoreOptions = {},
  files: FileSystem = REAL_FILE_SYSTEM,
): Promise<FileStore> {
  const { directory, created } = await openOutDirectory(path, files);
  return new FileStore(files, directory, created, options);
}

/**
 * Real files. Content goes to a private part file and gets its name only when it is complete, verified and durable;
 * nothing is ever created outside the directory, and nothing is changed but under `overwrite`.
 */
export class FileStore implements Store {
  /** Whether the directory was made by us. */
  readonly created: boolean;
  readonly #place: Place;
  readonly #claims: PartClaims;
  readonly #allowHidden: boolean;
  readonly #maxFiles: number;
  readonly #made: MadeDirectories;
  readonly #tree: Tree;
  readonly #visits = new WeakMap<Owner, Visit>();
  readonly #live = new Set<FileSink | BareSink>();
  /** Files, directories and links that were stored. */
  #stored = 0;
  #closed = false;

  constructor(files: FileSystem, directory: OutDirectory, created: boolean, options: StoreOptions) {
    this.created = created;
    this.#allowHidden = options.allowHidden ?? false;
    this.#maxFiles = options.maxFiles ?? Number.MAX_SAFE_INTEGER;
    this.#made = new MadeDirectories(files, directory, options.resume ?? true);
    this.#tree = new Tree(directory, this.#made);
    const umask = process.umask();
    this.#place = {
      files,
      directory,
      exists: options.exists ?? 'refuse',
      maxSize: options.maxSize ?? Number.MAX_SAFE_INTEGER,
      mode: 0o666 & ~umask,
      mayHave: 0o777 & ~umask, // never set-id or sticky
      resume: options.resume ?? true,
      fsync: options.fsync ?? true,
      comparisons: new Comparisons(),
      leftovers: new Leftovers(files, directory, options.resume === false ? undefined : (options.keepPartials ?? KEEP)),
    };
    this.#claims = new PartClaims(options.holderSilence);
  }

  open(offer: Offer, wake: () => void, owner: Owner): Sink {
    const spot = this.#spotOf(offer, owner);
    if (!(spot instanceof Spot)) return new RefusedSink(refuse(spot.code, spot.text));
    const sink = this.#begin(offer, spot, wake, owner);
    if ('code' in sink) return new RefusedSink(refuse(sink.code, sink.text));
    this.#live.add(sink);
    this.#visitOf(owner).take({ path: spot.path, done: sink.done });
    void sink.done.then(() => {
      this.#live.delete(sink);
      if (sink.published) this.#stored++;
    });
    return sink;
  }

  /** Removes what interrupted transfers left too long ago, meanwhile. */
  clearOld(): void {
    void this.#place.leftovers.clear();
  }

  over(owner: Owner, isWhole: boolean): void {
    this.#made.release(owner, isWhole);
  }

  /** Where an entry belongs, or why it is refused whatever it is. */
  #spotOf(offer: Offer, owner: Owner): Spot | Failure {
    if (this.#closed) return { code: TRANSFER_CODE.cancelled, text: 'the receiver is closing' };
    const names: string[] = [];
    for (const component of offer.path) {
      const allowHidden = this.#allowHidden || names.length > 0; // below the first one it depends on the directory
      const checked = checkName(component, { allowHidden });
      if (!checked.ok) return { code: TRANSFER_CODE.name, text: `the name ${REFUSAL_WORDS[checked.reason]}` };
      names.push(checked.name);
    }
    if (names.length === 0) return { code: TRANSFER_CODE.name, text: `the name ${REFUSAL_WORDS.empty}` };
    if (this.#stored + this.#live.size >= this.#maxFiles) {
      const text = `only ${this.#maxFiles} files are taken here, and there is room for no more`;
      return { code: TRANSFER_CODE.space, text };
    }
    return new Spot(this.#tree, names, this.#allowHidden, owner, (branch) => this.#made.use(branch, owner));
  }

  #begin(offer: Offer, spot: Spot, wake: () => void, owner: Owner): FileSink | BareSink | Failure {
    const { entryKind, size = 0 } = offer;
    const visit = this.#visitOf(owner);
    if (entryKind === 'file') {
      if (size > this.#place.maxSize) return tooLarge(spot.path, this.#place.maxSize);
      return new FileSink(this.#place, this.#claims, offer, spot, visit, wake, owner);
    }
    if (size > 0) return { code: TRANSFER_CODE.unsupported, text: `a ${entryKind} has no content` };
    if (entryKind === 'directory') {
      return new BareSink(new DirectoryErrand(this.#place, offer, spot, visit.below(spot.path)), wake);
    }
    if (process.platform === 'win32') return { code: TRANSFER_CODE.unsupported, text: 'links are not taken here' };
    const checked = checkTarget(offer.target, offer.path.length);
    if (!checked.ok) return { code: TRANSFER_CODE.name, text: `the link ${checked.words}` };
    return new BareSink(new LinkErrand(this.#place, spot, checked.target), wake);
  }

  #visitOf(owner: Owner): Visit {
    const known = this.#visits.get(owner);
    if (known !== undefined) return known;
    const visit = new Visit();
    this.#visits.set(owner, visit);
    return visit;
  }

  /** Aborts what is not finished, and resolves when nothing is open any more. May be called again. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const live = [...this.#live];
    for (const sink of live) sink.abort();
    await Promise.all(live.map((sink) => sink.done));
    await this.#made.settled();
    await this.#place.leftovers.settled();
    await this.#tree.close();
  }
}
