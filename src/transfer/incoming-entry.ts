import type { Bytes } from '../base/units.ts';
import type { ByteStream } from '../session/byte-stream.ts';
import { TRANSFER_CODE } from './codes.ts';
import { ExpectedContent } from './expected-content.ts';
import { HeldPieces } from './held-pieces.ts';
import type { Missing, Offer, Prefix, Receipt, Verdict } from './messages.ts';
import { type EntryOutcome, failedOutcome, HAD_NOTHING } from './outcome.ts';
import type { Sink } from './ports.ts';
import { cutText, encodeText } from './text.ts';

const NOTHING = new Uint8Array(0);
/** Of an entry that nothing may come of yet. */
const NO_CONTENT = new ExpectedContent(0, 0);

/**
 * One offered entry and its sink, from the offer to the receipt. Its phases are what may come next: our verdict
 * (undecided), content (receiving), our receipt (ended), nothing (closed).
 */
export class IncomingEntry {
  readonly offer: Offer;
  readonly #sink: Sink;
  #phase: 'undecided' | 'receiving' | 'ended' | 'closed' = 'undecided';
  #expected = NO_CONTENT;
  /** What is here of it from an earlier time. */
  #resumed: Bytes = 0;
  #isResumed = false;
  #alreadyThere = false;
  #received: Bytes = 0;
  /** Bytes given to the sink, and how many of them it was seen to be done with. */
  #written: Bytes = 0;
  #freed: Bytes = 0;
  /** The pieces that the sink was not seen to be done with. */
  #held: HeldPieces | undefined;
  /** Known before `end` when the sink failed: content is then thrown away, and this waits for its turn. */
  #receipt: Omit<Receipt, 'kind' | 'entry'> | undefined;
  #outcome: EntryOutcome | undefined;

  constructor(offer: Offer, sink: Sink) {
    this.offer = offer;
    this.#sink = sink;
  }

  get phase(): 'undecided' | 'receiving' | 'ended' | 'closed' {
    return this.#phase;
  }

  /** What of it may come next, once it is accepted. */
  get expected(): ExpectedContent {
    return this.#expected;
  }

  /** Bytes that need not come, as far as is known. */
  get resumed(): Bytes {
    return this.#resumed;
  }

  /** Content that came in this transfer. */
  get received(): Bytes {
    return this.#received;
  }

  /** The sink is not done with what it was given. */
  get holdsBytes(): boolean {
    return this.#freed < this.#written;
  }

  /** How many bytes the sender may have to read before it says something: it digests what need not come. */
  get toRead(): Bytes {
    return this.#isResumed ? (this.offer.size ?? 0) : 0;
  }

  /** A PREFIX waits for its answer. */
  get owesAnswer(): boolean {
    return this.#expected.openPrefixes.count > 0;
  }

  /** The verdict, once, as soon as the sink has one. */
  decide(): Verdict | undefined {
    const given = this.#sink.verdict();
    if (given === undefined) return undefined;
    const { verdict, code, offset, text } = given;
    const { size = 0 } = this.offer;
    if (verdict === 'accept' || verdict === 'compare') {
      const isContent = verdict === 'accept';
      this.#expected = isContent ? new ExpectedContent(this.offer.size, offset) : ExpectedContent.ofDigest(size);
      this.#resumed = isContent ? offset : size;
      this.#isResumed = this.#resumed > 0;
      this.#alreadyThere = !isContent;
      this.#phase = 'receiving';
    } else {
      const status = verdict === 'skip' ? 'skipped' : 'refused';
      this.#outcome = { ...HAD_NOTHING, status, code, text: cutText(text), size: this.offer.size, digest: undefined };
      this.#phase = 'closed';
    }
    return { kind: 'verdict', entry: this.offer.entry, verdict, code, offset, text };
  }

  /** Content that was expected; answers how many bytes the sink holds now that are to be freed later. */
  write(bytes: Uint8Array, offset: Bytes): Bytes {
    this.#received += bytes.length;
    if (this.#receipt !== undefined) return 0;
    this.#sink.write(bytes, offset);
    this.#written += bytes.length;
    this.#held ??= new HeldPieces();
    this.#held.push(bytes);
    return bytes.length;
  }

  /** Digests that were expected. */
  compare({ offset, digests }: Prefix): void {
    if (this.#receipt === undefined) this.#sink.compare(offset, digests);
  }

  /** The answer to the oldest PREFIX without one, each once; undefined: not known yet, or none waits. */
  answerPrefix(): Missing | undefined {
    const asked = this.#expected.openPrefixes.first;
    if (asked === undefined) return undefined;
    // Whatever comes now is thrown away: nothing is missing.
    const nothing = { offset: asked.offset, isMissing: new Array<boolean>(asked.count).fill(false) };
    const given = this.#receipt === undefined ? this.#sink.differing() : nothing;
    if (given === undefined) return undefined;
    const { offset, isMissing } = given;
    this.#resumed -= this.#expected.answer(given);
    return { kind: 'missing', entry: this.offer.entry, offset, isMissing };
  }

  /** All content came. */
  end(size: Bytes, digest: Uint8Array): void {
    this.#phase = 'ended';
    if (this.#receipt === undefined) this.#sink.end(size, digest);
  }

  /** The sender cannot finish this entry: its receipt repeats the code (PROTOCOL.md, section "Transfer messages"). */
  abort(code: number, text: Uint8Array): void {
    this.#phase = 'ended';
    this.#sink.abort();
    // A sink that failed before has had its outcome.
    if (this.#receipt === undefined) this.#outcome = failedOutcome(code, cutText(text), this.offer.size);
    this.#receipt = { code, size: this.#expected.position, digest: NOTHING, text: NOTHING };
  }

  /** Asks the sink how it stands; to be called before `confirm` and `giveBack`. */
  look(): void {
    if (this.#receipt !== undefined || (this.#phase !== 'receiving' && this.#phase !== 'ended')) return;
    const receipt = this.#sink.receipt();
    if (receipt === undefined) return;
    if (this.#phase === 'receiving') this.#sink.abort();
    if (receipt.code === TRANSFER_CODE.ok && this.#phase === 'receiving') {
      this.#receipt = { ...receipt, code: TRANSFER_CODE.store, text: encodeText('stored before all of it had come') };
    } else {
      this.#receipt = receipt;
    }
    const { code, size, digest, text } = this.#receipt;
    const had = { resumed: this.#resumed, alreadyThere: this.#alreadyThere };
    const stored = { ...had, status: 'stored', code, text: cutText(text), size, digest } as const;
    this.#outcome = code === TRANSFER_CODE.ok ? stored : failedOutcome(code, cutText(text), this.offer.size);
  }

  /** The receipt, once, after the end or abort; undefined: not known yet. */
  confirm(): Receipt | undefined {
    if (this.#phase !== 'ended' || this.#receipt === undefined || this.owesAnswer) return undefined;
    this.#phase = 'closed';
    return { ...this.#receipt, kind: 'receipt', entry: this.offer.entry };
  }

  /** Gives the stream back what the sink needs no longer. */
  giveBack(stream: Pick<ByteStream, 'consumed'>): void {
    if (this.#held === undefined || this.#freed === this.#written) return;
    const isDone = this.#receipt?.code === TRANSFER_CODE.ok;
    if (this.#receipt !== undefined && !isDone) {
      // Without the pieces: a sink that failed or was stopped may still be looking at those it had in its hands.
      stream.consumed(this.#written - this.#freed);
      this.#freed = this.#written;
      return;
    }
    const taken = isDone ? this.#written : Math.min(this.#sink.taken(), this.#written);
    this.#freed += this.#held.giveBack(taken, stream);
  }

  /** The outcome, once, as soon as it is final: perhaps before the peer can be told. */
  takeOutcome(): EntryOutcome | undefined {
    const outcome = this.#outcome;
    this.#outcome = undefined;
    return outcome;
  }

  /** The transfer is over: what is not published now never will be. */
  giveUp(): void {
    this.look();
    this.#sink.abort();
  }
}
