import type { Bytes } from '../base/units.ts';
import { TRANSFER_CODE } from '../transfer/codes.ts';
import { PREFIX_CHUNK } from '../transfer/message-layout.ts';
import type { Offer } from '../transfer/messages.ts';
import type { Owner, Sink } from '../transfer/ports.ts';
import { type Answer, accept, notStored, type Outcome, refuse, stored } from './answers.ts';
import { Arrivals, type Promised } from './arrivals.ts';
import { type ContentDigest, PassingDigest } from './content-digest.ts';
import { errorWords, type Failure, storeFailure } from './failure.ts';
import type { InTurn } from './gate.ts';
import { type Begun, beginPart } from './part/begin-part.ts';
import { clearLeft } from './part/clear-left.ts';
import type { PartClaims } from './part/part-claims.ts';
import type { PartFile } from './part/part-file.ts';
import { type Difference, PartVerifier } from './part/part-verifier.ts';
import type { Place } from './place.ts';
import { publish } from './publish.ts';
import { refuseWithoutRoom } from './room.ts';
import type { Berth, Spot } from './spot.ts';
import { TakenName } from './taken-name.ts';
import type { Visit } from './visit.ts';
import { writeContent } from './write-content.ts';

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
  readonly #arrivals = new Arrivals();
  readonly #name: TakenName;
  #digest: ContentDigest = new PassingDigest();
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
    this.#name = new TakenName(place, spot, offer.size);
    this.done = this.#live();
  }

  readonly #isAborted = (): boolean => this.#arrivals.isAborted;

  /** It made a file that was not there before. */
  get published(): boolean {
    return this.#published;
  }

  verdict(): Answer | undefined {
    return this.#answer;
  }

  write(bytes: Uint8Array, offset: Bytes): void {
    this.#arrivals.push(bytes, offset);
    if (this.#arrivals.isDropping) this.#tell();
  }

  compare(offset: Bytes, digests: readonly Uint8Array[]): void {
    this.#asked.push({ offset, count: digests.length });
    if (this.#arrivals.isDropping) this.#tell();
    else this.#digest.compare(offset, digests);
  }

  differing(): Difference | undefined {
    const asked = this.#asked[0];
    // Once nothing is written any more nothing is missing either.
    const nothing = asked && { offset: asked.offset, isMissing: new Array<boolean>(asked.count).fill(false) };
    const known = this.#arrivals.isDropping ? nothing : this.#digest.differing();
    if (known !== undefined) this.#asked.shift();
    return known;
  }

  taken(): Bytes {
    return this.#arrivals.taken;
  }

  end(size: Bytes, digest: Uint8Array): void {
    this.#arrivals.end({ size, digest });
  }

  receipt(): Outcome | undefined {
    return this.#outcome;
  }

  abort(): void {
    this.#arrivals.abort();
    this.#drop();
    void this.#digest.stop();
  }

  async #live(): Promise<void> {
    let part: PartFile | undefined;
    let outcome: Outcome | undefined;
    const isSmall = (this.#offer.size ?? PREFIX_CHUNK) < PREFIX_CHUNK;
    const gate = isSmall ? this.#visit.small : this.#visit.large;
    let isInside = false;
    try {
      this.#answer = await this.#name.consider();
      if (this.#answer === undefined && isSmall) await this.#invite();
      const isWanted = this.#answer === undefined || (isSmall && this.#answer.verdict === 'accept');
      if (isWanted && !this.#arrivals.isAborted) {
        await gate.enter();
        isInside = true;
        const begun = await beginPart(this.#place, this.#claims, this.#offer, this.#owner, this.#isAborted);
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
    while (this.#arrivals.isEmpty) await this.#arrivals.news();
  }

  async #decide({ part, offset, waited }: Begun): Promise<Answer> {
    const answer = (waited ? await this.#name.consider() : undefined) ?? (await this.#refuseWithoutRoom(offset));
    if (answer !== undefined) return answer;
    if (offset > 0)
      this.#digest = new PartVerifier(part, offset, this.#place.comparisons.turnsOf(this.#visit), () => this.#tell());
    return accept(offset);
  }

  #refuseWithoutRoom(have: Bytes): Promise<Answer | undefined> {
    return refuseWithoutRoom(this.#place, this.#spot.path, this.#offer.size, have);
  }

  /** Waits for the sender's digest of what it would have sent, and only then reads the file that is there. */
  async #compareExisting(): Promise<Outcome | undefined> {
    const arrivals = this.#arrivals;
    while (!arrivals.isAborted && arrivals.promised === undefined) await arrivals.news();
    const { promised } = arrivals;
    if (promised === undefined) return undefined;
    const outcome = await this.#place.comparisons.file(this.#visit, promised.size, async (inTurn) =>
      arrivals.isAborted ? undefined : this.#alreadyThere(promised, inTurn),
    );
    // Whoever stored it may have died before it cleared up.
    if (outcome?.code === TRANSFER_CODE.ok) await clearLeft(this.#place, this.#claims, this.#offer, this.#owner);
    return outcome;
  }

  async #alreadyThere(promised: Promised, inTurn: InTurn): Promise<Outcome> {
    const isSame = await this.#name.isSame(promised, this.#isAborted, inTurn);
    if (isSame) return stored(promised.size, promised.digest, 'already there');
    return this.#fail({ code: TRANSFER_CODE.exists, text: this.#name.words });
  }

  /** Takes all of the content; undefined: it has come, or was given up. */
  async #receive(part: PartFile): Promise<Outcome | undefined> {
    const onTaken = (): void => this.#tell();
    const end = await writeContent(this.#place, this.#offer.size, part, this.#arrivals, this.#digest, onTaken);
    if (end === 'too large') return this.#fail(tooLarge(this.#spot.path, this.#place.maxSize));
    return undefined;
  }

  /** Verifies, makes durable, publishes. Up to `publish` an abort still publishes nothing; after it the file stays. */
  async #finish(part: PartFile): Promise<Outcome | undefined> {
    const { promised } = this.#arrivals;
    if (this.#isAborted() || promised === undefined) return undefined;
    const { size } = promised;
    const digest = await this.#digest.finish(part.size);
    if (this.#isAborted() || digest === undefined) return undefined;
    if (part.size !== size || Buffer.compare(digest, promised.digest) !== 0) {
      const text = `${this.#spot.path}: what arrived is not what was sent`;
      return notStored({ code: TRANSFER_CODE.digest, text }, part.size, digest);
    }
    await part.seal(this.#offer.mtime);
    if (this.#isAborted()) return undefined;
    const berth = await this.#spot.enter();
    try {
      return await this.#publish(part, promised, berth);
    } finally {
      berth.leave();
    }
  }

  async #publish(part: PartFile, promised: Promised, { directory, settle }: Berth): Promise<Outcome> {
    const { files, exists } = this.#place;
    const from = this.#place.directory.at(part.name);
    const name = await publish(files, from, directory, this.#spot.name, exists);
    if (name === undefined) return this.#alreadyThere(promised, this.#place.comparisons.turnsOf(this.#visit));
    this.#published = true;
    try {
      await part.release(settle);
    } catch (error) {
      const text = `${this.#spot.beside(name)} is complete but may not survive a crash: ${errorWords(error)}`;
      return this.#fail({ code: TRANSFER_CODE.store, text });
    }
    const words = name === this.#spot.name ? '' : `stored as ${this.#spot.beside(name)}`;
    return stored(promised.size, promised.digest, words);
  }

  /** What a disk that is full has of it is kept. */
  async #failed(failure: Failure, part: PartFile | undefined): Promise<Outcome | undefined> {
    this.#drop();
    await this.#digest.stop();
    const left = failure.code === TRANSFER_CODE.space ? await this.#place.leftovers.clear() : ''; // this one is in use yet
    const isKept = ((await part?.keep()) ?? false) && (await this.#place.directory.isThere());
    const text = `${failure.text}${isKept ? '; what came is kept for the next try' : ''}${left}`;
    if (this.#answer?.verdict === 'accept') return this.#fail({ ...failure, text });
    this.#answer = refuse(failure.code, text);
    return undefined;
  }

  #fail(failure: Failure): Outcome {
    return notStored(failure, this.#arrivals.taken);
  }

  /** From now on bytes are thrown away, and nothing is compared any more. */
  #drop(): void {
    if (this.#arrivals.drop() > 0 || this.#asked.length > 0) this.#tell();
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
