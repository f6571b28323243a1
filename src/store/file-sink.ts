import { createHash } from 'node:crypto';
import type { Bytes } from '../base/units.ts';
import { TRANSFER_CODE } from '../transfer/codes.ts';
import type { Offer } from '../transfer/messages.ts';
import type { Sink } from '../transfer/ports.ts';
import { type Answer, accept, notStored, type Outcome, refuse, stored } from './answers.ts';
import { Bell } from './bell.ts';
import { answerExisting, type ExistsPolicy, existsText } from './exists-policy.ts';
import { errorName, errorWords, type Failure, storeFailure, systemError } from './failure.ts';
import type { FileSystem } from './file-system.ts';
import type { OutDirectory } from './out-directory.ts';
import { createPart, type PartFile } from './part-file.ts';
import { publish } from './publish.ts';
import type { Berth, Spot } from './spot.ts';
import type { Visit } from './visit.ts';
import { WriteQueue } from './write-queue.ts';

/** Enough bytes to write without waiting for more. */
const READY: Bytes = 256 * 1024;
/** Content between two looks at what the disk still has: others may fill it too. */
const LOOK_EVERY: Bytes = 32 * 1024 * 1024;
/** A file below this needs no part before its content comes. */
const SMALL: Bytes = 1024 * 1024;
/** Milliseconds that fewer bytes wait for company: a peer may be waiting for the credit they hold. */
const LINGER = 5;

/** What all entries of one store share. */
export interface Place {
  readonly files: FileSystem;
  readonly directory: OutDirectory;
  readonly exists: ExistsPolicy;
  /** The largest file taken. */
  readonly maxSize: Bytes;
  /** Permission bits of published files whose offer gives none, and those that an offer may give. */
  readonly mode: number;
  readonly mayHave: number;
}

/**
 * One entry on its way to the disk. The methods only leave notes; `#live` is the whole story from the offer to the
 * receipt, told once and in order.
 */
export class FileSink implements Sink {
  /** Resolves when nothing of this entry is open any more and what is not published is gone. Never rejects. */
  readonly done: Promise<void>;
  readonly #place: Place;
  readonly #offer: Offer;
  readonly #spot: Spot;
  readonly #visit: Visit;
  readonly #wake: () => void;
  readonly #queue = new WriteQueue();
  readonly #hash = createHash('sha256');
  readonly #bell = new Bell();
  #linger: ReturnType<typeof setTimeout> | undefined;
  #due = false; // bytes have lingered long enough
  #taken: Bytes = 0;
  #dropping = false; // nothing more is written
  #aborted = false;
  #promised: { readonly size: Bytes; readonly digest: Uint8Array } | undefined;
  #answer: Answer | undefined;
  #outcome: Outcome | undefined;

  constructor(place: Place, offer: Offer, spot: Spot, visit: Visit, wake: () => void) {
    this.#place = place;
    this.#offer = offer;
    this.#spot = spot;
    this.#visit = visit;
    this.#wake = wake;
    this.done = this.#live();
  }

  verdict(): Answer | undefined {
    return this.#answer;
  }

  write(bytes: Uint8Array): void {
    this.#queue.push(bytes);
    if (this.#dropping) this.#drop();
    else if (this.#queue.size >= READY) this.#bell.ring();
    else this.#linger ??= setTimeout(() => this.#flush(), LINGER);
  }

  compare(): void {}

  differing(): undefined {
    return undefined;
  }

  taken(): Bytes {
    return this.#taken;
  }

  end(size: Bytes, digest: Uint8Array): void {
    this.#promised = { size, digest };
    this.#flush();
  }

  receipt(): Outcome | undefined {
    return this.#outcome;
  }

  abort(): void {
    this.#aborted = true;
    this.#drop();
    this.#bell.ring();
  }

  async #live(): Promise<void> {
    let part: PartFile | undefined;
    let outcome: Outcome | undefined;
    const isSmall = (this.#offer.size ?? SMALL) < SMALL;
    const gate = isSmall ? this.#visit.small : this.#visit.large;
    let isInside = false;
    try {
      this.#answer = await this.#consider();
      if (this.#answer === undefined && !this.#aborted) {
        if (isSmall) await this.#invite();
        await gate.enter();
        isInside = true;
        part = await createPart(this.#place.files, this.#place.directory, {
          name: this.#offer.path[0] ?? new Uint8Array(0),
          size: this.#offer.size,
          mtime: this.#offer.mtime,
          created: Date.now(),
        });
        if (!isSmall) this.#accept();
        outcome = (await this.#receive(part)) ?? (await this.#finish(part));
      }
    } catch (error) {
      const failure = storeFailure(this.#spot.path, error);
      if (this.#answer === undefined) this.#answer = refuse(failure.code, failure.text);
      else outcome = this.#fail(failure);
    }
    this.#drop();
    await part?.discard();
    if (isInside) gate.leave();
    this.#outcome = outcome;
    this.#tell();
  }

  #accept(): void {
    this.#answer = accept();
    this.#tell();
  }

  /** Accepts, and waits until content or the end comes: many small files may be on their way at once. */
  async #invite(): Promise<void> {
    this.#accept();
    while (this.#queue.size === 0 && this.#promised === undefined && !this.#aborted) await this.#bell.wait();
  }

  /** A reason not to take the entry, found before any of its content comes; undefined: take it. */
  async #consider(): Promise<Answer | undefined> {
    const { files, directory, exists } = this.#place;
    const berth = await this.#spot.enter();
    try {
      const there = await files.lstat(berth.directory.at(this.#spot.name));
      const answer = answerExisting(exists, this.#spot.path, there);
      if (answer !== undefined) return answer;
    } catch (error) {
      if (errorName(error) !== 'ENOENT') throw error;
    } finally {
      berth.leave();
    }
    const free = this.#offer.size === undefined ? undefined : await directory.free();
    if (free === undefined || (this.#offer.size ?? 0) <= free) return undefined;
    return refuse(
      TRANSFER_CODE.space,
      `cannot store ${this.#spot.path}: it has ${this.#offer.size} bytes, and ${free} are free`,
    );
  }

  /** Writes what comes until the end, the abort, or a failure. */
  async #receive(part: PartFile): Promise<Outcome | undefined> {
    let lookedAt: Bytes = 0;
    while (!this.#aborted) {
      const ended = this.#promised !== undefined;
      if (this.#queue.size >= READY || (this.#queue.size > 0 && (this.#due || ended))) {
        if (part.size + this.#queue.size > this.#place.maxSize)
          return this.#fail(tooLarge(this.#spot.path, this.#place.maxSize));
        if (part.size - lookedAt >= LOOK_EVERY) {
          lookedAt = part.size;
          const free = await this.#place.directory.free();
          if (free !== undefined && (this.#offer.size ?? part.size) - part.size > free) throw systemError('ENOSPC');
        }
        await this.#writeBatch(part);
      } else if (ended) return undefined;
      else await this.#bell.wait();
    }
    return undefined;
  }

  async #writeBatch(part: PartFile): Promise<void> {
    const pieces = this.#queue.take();
    this.#rest();
    this.#due = this.#queue.size > 0; // what is left waited as long
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
    for (const piece of pieces) this.#hash.update(piece);
    try {
      await part.append(pieces);
    } finally {
      this.#taken += size;
      this.#tell();
    }
  }

  /** Verifies, makes durable, publishes. Up to `publish` an abort still leaves nothing; after it the file stays. */
  async #finish(part: PartFile): Promise<Outcome | undefined> {
    if (this.#aborted || this.#promised === undefined) return undefined;
    const digest = new Uint8Array(this.#hash.digest());
    if (part.size !== this.#promised.size || Buffer.compare(digest, this.#promised.digest) !== 0) {
      const text = `${this.#spot.path}: what arrived is not what was sent`;
      return notStored({ code: TRANSFER_CODE.digest, text }, part.size, digest);
    }
    await part.seal(this.#mode(), this.#offer.mtime);
    if (this.#aborted) return undefined;
    const berth = await this.#spot.enter();
    try {
      return await this.#publish(part, digest, berth);
    } finally {
      berth.leave();
    }
  }

  async #publish(part: PartFile, digest: Uint8Array, { directory, settle }: Berth): Promise<Outcome> {
    const { files, exists } = this.#place;
    const from = this.#place.directory.at(part.name);
    const name = await publish(files, from, directory, this.#spot.name, exists);
    if (name === undefined) {
      return this.#fail({ code: TRANSFER_CODE.exists, text: existsText(exists, this.#spot.path) });
    }
    const path = this.#spot.beside(name);
    try {
      await part.release(settle);
    } catch (error) {
      const text = `${path} is complete but may not survive a crash: ${errorWords(error)}`;
      return this.#fail({ code: TRANSFER_CODE.store, text });
    }
    return stored(part.size, digest, name === this.#spot.name ? '' : `stored as ${path}`);
  }

  #mode(): number {
    const { mode, mayHave } = this.#place;
    return this.#offer.mode === undefined ? mode : this.#offer.mode & mayHave;
  }

  #fail(failure: Failure): Outcome {
    return notStored(failure, this.#taken);
  }

  /** Writes what is there now, however little. */
  #flush(): void {
    this.#due = true;
    this.#bell.ring();
  }

  #rest(): void {
    clearTimeout(this.#linger);
    this.#linger = undefined;
  }

  /** From now on bytes are thrown away, and count as taken: their memory is free. */
  #drop(): void {
    this.#dropping = true;
    this.#rest();
    const dropped = this.#queue.clear();
    this.#taken += dropped;
    if (dropped > 0) this.#tell();
  }

  /** Never inside a call from the transfer, nor inside ours: it may do anything. */
  #tell(): void {
    queueMicrotask(this.#wake);
  }
}

/** Why a file above the limit is not taken. */
export function tooLarge(name: string, maxSize: Bytes): Failure {
  return { code: TRANSFER_CODE.tooLarge, text: `${name} is larger than ${maxSize} bytes, the most that is taken` };
}
