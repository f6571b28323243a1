import type { Bytes, Millis } from '../base/units.ts';
import { TRANSFER_CODE } from '../transfer/codes.ts';
import type { Offer } from '../transfer/messages.ts';
import type { Owner, Sink, Store } from '../transfer/ports.ts';
import { refuse } from './answers.ts';
import type { ExistsPolicy } from './exists-policy.ts';
import { FileSink, tooLarge } from './file-sink.ts';
import { type FileSystem, REAL_FILE_SYSTEM } from './file-system.ts';
import { checkName, REFUSAL_WORDS } from './names.ts';
import { type OutDirectory, openOutDirectory } from './out-directory.ts';
import { PartClaims } from './part-claims.ts';
import type { Place } from './place.ts';
import { RefusedSink } from './refused-sink.ts';

export interface StoreOptions {
  /** What happens to an entry whose name is taken; default `refuse`. */
  readonly exists?: ExistsPolicy;
  /** Take names with a leading dot; default false. */
  readonly allowHidden?: boolean;
  /** The largest file taken; default: any. */
  readonly maxSize?: Bytes;
  /** Files taken in all; default: any number. */
  readonly maxFiles?: number;
  /** Keep what interrupted transfers leave, and go on with it; default true. */
  readonly resume?: boolean;
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
 * nothing is ever created outside the directory, and no file is changed but under `overwrite`.
 */
export class FileStore implements Store {
  /** Whether the directory was made by us. */
  readonly created: boolean;
  readonly #place: Place;
  readonly #claims: PartClaims;
  readonly #allowHidden: boolean;
  readonly #maxFiles: number;
  readonly #live = new Set<FileSink>();
  /** Files that were stored. */
  #stored = 0;
  #closed = false;

  constructor(files: FileSystem, directory: OutDirectory, created: boolean, options: StoreOptions) {
    this.created = created;
    this.#allowHidden = options.allowHidden ?? false;
    this.#maxFiles = options.maxFiles ?? Number.MAX_SAFE_INTEGER;
    this.#place = {
      files,
      directory,
      exists: options.exists ?? 'refuse',
      maxSize: options.maxSize ?? Number.MAX_SAFE_INTEGER,
      mode: 0o666 & ~process.umask(), // never executable, and nothing of it from the wire
      resume: options.resume ?? true,
      fsync: options.fsync ?? true,
    };
    this.#claims = new PartClaims(options.holderSilence);
  }

  open(offer: Offer, wake: () => void, owner: Owner): Sink {
    const refused = (code: number, text: string): Sink => new RefusedSink(refuse(code, text));
    if (this.#closed) return refused(TRANSFER_CODE.cancelled, 'the receiver is closing');
    if (offer.entryKind !== 'file') return refused(TRANSFER_CODE.unsupported, 'only files are taken here');
    const [component] = offer.path;
    if (component === undefined || offer.path.length > 1) {
      return refused(TRANSFER_CODE.unsupported, 'only a file name is taken here, not a path');
    }
    const checked = checkName(component, { allowHidden: this.#allowHidden });
    if (!checked.ok) return refused(TRANSFER_CODE.name, `the name ${REFUSAL_WORDS[checked.reason]}`);
    if (offer.size !== undefined && offer.size > this.#place.maxSize) {
      const { code, text } = tooLarge(checked.name, this.#place.maxSize);
      return refused(code, text);
    }
    if (this.#stored + this.#live.size >= this.#maxFiles) {
      return refused(TRANSFER_CODE.space, `only ${this.#maxFiles} files are taken here, and there is room for no more`);
    }
    const sink = new FileSink(this.#place, this.#claims, offer, checked.name, wake, owner);
    this.#live.add(sink);
    void sink.done.then(() => {
      this.#live.delete(sink);
      if (sink.published) this.#stored++;
    });
    return sink;
  }

  /** Aborts what is not finished, and resolves when nothing is open any more. May be called again. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const live = [...this.#live];
    for (const sink of live) sink.abort();
    await Promise.all(live.map((sink) => sink.done));
    await this.#place.directory.close();
  }
}
