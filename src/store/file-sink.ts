import type { Bytes } from '../base/units.ts';
import { TRANSFER_CODE } from '../transfer/codes.ts';
import { PREFIX_CHUNK } from '../transfer/message-layout.ts';
import type { Offer } from '../transfer/messages.ts';
import type { Owner, Sink } from '../transfer/ports.ts';
import { type Answer, accept, compare, notStored, type Outcome, refuse, stored } from './answers.ts';
import { Bell } from './bell.ts';
import { type ContentDigest, PassingDigest } from './content-digest.ts';
import { isSameFile } from './existing-file.ts';
import { answerExisting, existsText } from './exists-policy.ts';
import { errorName, errorWords, type Failure, storeFailure, systemError } from './failure.ts';
import type { InTurn } from './gate.ts';
import { type Begun, beginPart } from './part/begin-part.ts';
import { clearLeft } from './part/clear-left.ts';
import type { PartClaims } from './part/part-claims.ts';
import type { PartFile } from './part/part-file.ts';
import { type Difference, PartVerifier } from './part/part-verifier.ts';
import type { Place } from './place.ts';
import { publish } from './publish.ts';
import type { Berth, Spot } from './spot.ts';
import type { Visit } from './visit.ts';
import { type Batch, WriteQueue } from './write-queue.ts';

/** Enough bytes to write without waiting for more. */
const READY: Bytes = 256 * 1024;
/** Content between two looks at what the disk still has: others may fill it too. */
const LOOK_EVERY: Bytes = 32 * 1024 * 1024;
/** Milliseconds that fewer bytes wait for company: a peer may be waiting for the credit they hold. */
const LINGER = 5;
/** Milliseconds for which a small file takes an earlier look at the disk's room. */
const ROOM_AGE = 500;

/**
 * One entry on its way to the disk. The methods only leave notes; `#live` is the whole story from the offer to the
 * receipt, told once and in order.
 */
export class FileSink implements Sink {
  /** Resolves when nothing of this entry is open any more, and what is not published is gone or kept. Never rejects. */
  readonly done: Promise<void>;
  readonly #place: Place;
  readonly #claims: PartClaims;
  readonly #offer: Offer;
  readonly #owner: Owner;
  readonly #spot: Spot;
  readonly #visit: Visit;
  readonly #wake: () => void;
  readonly #queue = new WriteQueue();
  readonly #bell = new Bell();
  #digest: ContentDigest = new PassingDigest();
  #linger: ReturnType<typeof setTimeout> | undefined;
  #due = false; // bytes have lingered long enough
  #taken: Bytes = 0;
  #dropping = false; // nothing more is written or compared
  #aborted = false;
  #promised: { readonly size: Bytes; readonly digest: Uint8Array } | undefined;
  /** Comparisons without an answer. */
  readonly #asked: { readonly offset: Bytes; readonly count: number }[] = [];
  #answer: Answer | undefined;
  #outcome: Outcome | undefined;
  #published = false;

  constructor(
    place: Place,
    claims: PartClaims,
    offer: Offer,
    spot: Spot,
    visit: Visit,
    wake: () => void,
    owner: Owner,
  ) {
    this.#place = place;
    this.#claims = claims;
    this.#offer = offer;
    this.#spot = spot;
    this.#visit = visit;
    this.#wake = wake;
    this.#owner = owner;
    this.done = this.#live();
  }

  /** It made a file that was not there before. */
  get published(): boolean {
    return this.#published;
  }

  verdict(): Answer | undefined {
    return this.#answer;
  }

  write(bytes: Uint8Array, offset: Bytes): void {
    this.#queue.push(bytes, offset);
    if (this.#dropping) this.#drop();
    else if (this.#queue.size >= READY) this.#bell.ring();
    else this.#linger ??= setTimeout(() => this.#flush(), LINGER);
  }

  compare(offset: Bytes, digests: readonly Uint8Array[]): void {
    this.#asked.push({ offset, count: digests.length });
    if (this.#dropping) this.#tell();
    else this.#digest.compare(offset, digests);
  }

  differing(): Difference | undefined {
    const asked = this.#asked[0];
    // Once nothing is written any more nothing is missing either.
    const nothing = asked && { offset: asked.offset, isMissing: new Array<boolean>(asked.count).fill(false) };
    const known = this.#dropping ? nothing : this.#digest.differing();
    if (known !== undefined) this.#asked.shift();
    return known;
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
    void this.#digest.stop();
    this.#bell.ring();
  }

  async #live(): Promise<void> {
    let part: PartFile | undefined;
    let outcome: Outcome | undefined;
    const isSmall = (this.#offer.size ?? PREFIX_CHUNK) < PREFIX_CHUNK;
    const gate = isSmall ? this.#visit.small : this.#visit.large;
    let isInside = false;
    try {
      this.#answer = await this.#consider();
      if (this.#answer === undefined && isSmall) await this.#invite();
      const isWanted = this.#answer === undefined || (isSmall && this.#answer.verdict === 'accept');
      if (isWanted && !this.#aborted) {
        await gate.enter();
        isInside = true;
        const begun = await beginPart(this.#place, this.#claims, this.#offer, this.#owner, () => this.#aborted);
        part = begun?.part;
        if (!isSmall) {
          const answer = begun && (await this.#decide(begun));
          if (answer?.verdict !== 'accept') await part?.keep();
          this.#answer = answer;
        }
      }
      this.#tell();
      if (this.#answer?.verdict === 'compare') outcome = await this.#compareExisting();
      if (this.#answer?.verdict === 'accept' && part !== undefined) {
        outcome = (await this.#receive(part)) ?? (await this.#finish(part));
        await this.#digest.stop();
        if (outcome !== undefined) await part.discard();
      }
    } catch (error) {
      outcome = await this.#failed(storeFailure(this.#spot.path, error), part);
    }
    this.#drop();
    await this.#digest.stop();
    await part?.keep();
    if (isInside) gate.leave();
    this.#outcome = outcome;
    this.#tell();
  }

  /** Accepts a small file and waits until some of it is there: many may be on their way at once. */
  async #invite(): Promise<void> {
    this.#answer = (await this.#refuseWithoutRoom(0)) ?? accept(0);
    this.#tell();
    if (this.#answer.verdict !== 'accept') return;
    while (this.#queue.size === 0 && this.#promised === undefined && !this.#aborted) await this.#bell.wait();
  }

  /** The policy's answer to what is there; undefined: take the entry. */
  async #consider(): Promise<Answer | undefined> {
    const { files, exists } = this.#place;
    const { directory, leave } = await this.#spot.enter();
    try {
      const there = await files.lstat(directory.at(this.#spot.name));
      // Perhaps it is the very same: an earlier transfer may have stored it and its sender not have heard of it.
      if (exists === 'refuse' && there.isFile() && there.size === this.#offer.size) return compare();
      return answerExisting(exists, this.#spot.path, there);
    } catch (error) {
      if (errorName(error) !== 'ENOENT') throw error;
      return undefined;
    } finally {
      leave();
    }
  }

  async #decide({ part, offset, waited }: Begun): Promise<Answer> {
    const answer = (waited ? await this.#consider() : undefined) ?? (await this.#refuseWithoutRoom(offset));
    if (answer !== undefined) return answer;
    if (offset > 0)
      this.#digest = new PartVerifier(part, offset, this.#place.comparisons.turnsOf(this.#visit), () => this.#tell());
    return accept(offset);
  }

  async #refuseWithoutRoom(offset: Bytes): Promise<Answer | undefined> {
    const { size } = this.#offer;
    if (size === undefined) return undefined;
    const { directory, leftovers } = this.#place;
    const lacks = (free: Bytes | undefined): free is Bytes => free !== undefined && size - offset > free;
    if (!lacks(await directory.free(size < READY ? ROOM_AGE : 0))) return undefined;
    const left = await leftovers.clear();
    const free = await directory.free();
    if (!lacks(free)) return undefined;
    const have = offset > 0 ? `, of which ${offset} are here` : '';
    const text = `cannot store ${this.#spot.path}: it has ${size} bytes${have}, and ${free} are free${left}`;
    return refuse(TRANSFER_CODE.space, text);
  }

  /** Waits for the sender's digest of what it would have sent, and only then reads the file that is there. */
  async #compareExisting(): Promise<Outcome | undefined> {
    while (!this.#aborted && this.#promised === undefined) await this.#bell.wait();
    const promised = this.#promised;
    if (promised === undefined) return undefined;
    const outcome = await this.#place.comparisons.file(this.#visit, promised.size, async (inTurn) =>
      this.#aborted ? undefined : this.#alreadyThere(promised, inTurn),
    );
    // Whoever stored it may have died before it cleared up.
    if (outcome?.code === TRANSFER_CODE.ok) await clearLeft(this.#place, this.#claims, this.#offer, this.#owner);
    return outcome;
  }

  async #alreadyThere({ size, digest }: { size: Bytes; digest: Uint8Array }, inTurn: InTurn): Promise<Outcome> {
    const { files, exists } = this.#place;
    const { directory, leave } = await this.#spot.enter();
    try {
      const path = directory.at(this.#spot.name);
      const isSame = exists === 'refuse' && (await isSameFile(files, path, size, digest, () => this.#aborted, inTurn));
      if (isSame) return stored(size, digest, 'already there');
      return this.#fail({ code: TRANSFER_CODE.exists, text: existsText(exists, this.#spot.path) });
    } finally {
      leave();
    }
  }

  /** Writes what comes until the end, the abort, or a failure. */
  async #receive(part: PartFile): Promise<Outcome | undefined> {
    let lookedAt = part.size;
    while (!this.#aborted) {
      const ended = this.#promised !== undefined;
      if (this.#queue.size >= READY || (this.#queue.size > 0 && (this.#due || ended))) {
        if (part.size - lookedAt >= LOOK_EVERY) {
          lookedAt = part.size;
          const free = await this.#place.directory.free();
          if (free !== undefined && (this.#offer.size ?? part.size) - part.size > free) throw systemError('ENOSPC');
        }
        const batch = this.#queue.take();
        const outcome = await this.#writeBatch(part, batch);
        if (outcome !== undefined) return outcome;
      } else if (ended) return undefined;
      else await this.#bell.wait();
    }
    return undefined;
  }

  async #writeBatch(part: PartFile, { pieces, offset, size }: Batch): Promise<Outcome | undefined> {
    this.#rest();
    this.#due = this.#queue.size > 0; // what is left waited as long
    try {
      if (offset + size > this.#place.maxSize) return this.#fail(tooLarge(this.#spot.path, this.#place.maxSize));
      this.#digest.writing(pieces);
      await part.write(pieces, offset);
    } finally {
      this.#taken += size;
      this.#tell();
    }
    this.#digest.wrote(offset, size);
    return undefined;
  }

  /** Verifies, makes durable, publishes. Up to `publish` an abort still publishes nothing; after it the file stays. */
  async #finish(part: PartFile): Promise<Outcome | undefined> {
    if (this.#aborted || this.#promised === undefined) return undefined;
    const { size } = this.#promised;
    const digest = await this.#digest.finish(part.size);
    if (this.#aborted || digest === undefined) return undefined;
    if (part.size !== size || Buffer.compare(digest, this.#promised.digest) !== 0) {
      const text = `${this.#spot.path}: what arrived is not what was sent`;
      return notStored({ code: TRANSFER_CODE.digest, text }, part.size, digest);
    }
    await part.seal(this.#offer.mtime);
    if (this.#aborted) return undefined;
    const berth = await this.#spot.enter();
    try {
      return await this.#publish(part, this.#promised, berth);
    } finally {
      berth.leave();
    }
  }

  async #publish(
    part: PartFile,
    promised: { readonly size: Bytes; readonly digest: Uint8Array },
    { directory, settle }: Berth,
  ): Promise<Outcome> {
    const { files, exists } = this.#place;
    const from = this.#place.directory.at(part.name);
    const name = await publish(files, from, directory, this.#spot.name, exists);
    if (name === undefined) return this.#alreadyThere(promised, this.#place.comparisons.turnsOf(this.#visit));
    this.#published = true;
    const path = this.#spot.beside(name);
    try {
      await part.release(settle);
    } catch (error) {
      const text = `${path} is complete but may not survive a crash: ${errorWords(error)}`;
      return this.#fail({ code: TRANSFER_CODE.store, text });
    }
    return stored(promised.size, promised.digest, name === this.#spot.name ? '' : `stored as ${path}`);
  }

  /** What a disk that is full has of it is kept. */
  async #failed(failure: Failure, part: PartFile | undefined): Promise<Outcome | undefined> {
    this.#drop();
    await this.#digest.stop();
    const left = failure.code === TRANSFER_CODE.space ? await this.#place.leftovers.clear() : ''; // this one is in use yet
    const isKept = (await part?.keep()) ?? false;
    const text = `${failure.text}${isKept ? '; what came is kept for the next try' : ''}${left}`;
    if (this.#answer?.verdict === 'accept') return this.#fail({ ...failure, text });
    this.#answer = refuse(failure.code, text);
    return undefined;
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
    if (dropped > 0 || this.#asked.length > 0) this.#tell();
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
