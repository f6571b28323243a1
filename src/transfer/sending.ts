import type { Bytes } from '../base/units.ts';
import type { ByteStream } from '../session/byte-stream.ts';
import { AwaitedReceipts } from './awaited-receipts.ts';
import { checkVerdict } from './check-verdict.ts';
import { TRANSFER_CODE } from './codes.ts';
import { encodeDone, encodeOffer, offerFits } from './encode-message.ts';
import { MAX_UNANSWERED } from './message-layout.ts';
import { MessageReader } from './message-reader.ts';
import type { IncomingMessage, Missing, Receipt, Verdict } from './messages.ts';
import { type EntryOutcome, failedOutcome, HAD_NOTHING, type Had, type TransferProgress } from './outcome.ts';
import type { Closing } from './outgoing-content.ts';
import { OutgoingOutcomes } from './outgoing-outcomes.ts';
import type { OutgoingEntry } from './ports.ts';
import { type Sending, SourceQueue } from './source-queue.ts';
import { cutText, encodeText } from './text.ts';

/** An entry that was offered and has no verdict. */
interface Offered {
  readonly entry: number;
  /** Its place in the list of entries. */
  readonly index: number;
  readonly outgoing: OutgoingEntry;
  readonly offer: OutgoingEntry['offer'];
}

/** Sends entries over one stream and learns what became of each. Polled: `step` does all that can be done now. */
export class SendingTransfer {
  readonly #entries: readonly OutgoingEntry[];
  readonly #stream: ByteStream;
  readonly #reader = new MessageReader();
  readonly #outcomes: OutgoingOutcomes;
  /** In order, as their verdicts come. */
  readonly #undecided: Offered[] = [];
  readonly #accepted: SourceQueue;
  readonly #awaited = new AwaitedReceipts();
  /** Index of the next entry to offer. */
  #next = 0;
  /** Offers made: the next entry id. */
  #offered = 0;
  #doneSent = false;
  /** Answers heard: verdicts, receipts, and what is missing of prefixes. */
  #answers = 0;
  #state: 'running' | 'complete' | 'failed' = 'running';
  #violation: string | undefined;

  /**
   * Offers the entries in this order. `wake` is called when a source has something new: it asks for a `step` soon and
   * must not step itself.
   */
  constructor(entries: readonly OutgoingEntry[], stream: ByteStream, wake: () => void) {
    this.#entries = entries;
    this.#stream = stream;
    this.#accepted = new SourceQueue(stream, wake);
    const bytesTotal = entries.reduce((sum, { offer }) => sum + (offer.size ?? 0), 0);
    this.#outcomes = new OutgoingOutcomes(entries.length, bytesTotal);
  }

  /** Complete: every outcome is known and the receiver has ended its stream. */
  get state(): 'running' | 'complete' | 'failed' {
    return this.#state;
  }

  /** How the peer broke the rules; the session is to be closed with code TRANSFER. */
  get violation(): string | undefined {
    return this.#violation;
  }

  /** One per entry, in the order given; undefined: not known yet, or never when the transfer failed. */
  get outcomes(): readonly (EntryOutcome | undefined)[] {
    return this.#outcomes.all;
  }

  /** Answers heard: one to each offer, each group of digests and each entry that was sent. */
  get answers(): number {
    return this.#answers;
  }

  /** Of entries whose receipts are due: the receiver's disk may be busy with all of that. */
  get unconfirmedBytes(): Bytes {
    return this.#awaited.bytes;
  }

  /** The receiver owes us an answer, or the end of its stream, and there is nothing else to do. */
  get isWaiting(): boolean {
    if (this.#state !== 'running') return false;
    if (this.#accepted.first !== undefined) return this.#accepted.first.content?.isWaiting ?? false;
    return this.#doneSent || this.#undecided.length > 0 || this.#awaited.count > 0;
  }

  /** What the receiver had of each accepted entry, by its index. */
  get had(): ReadonlyMap<number, Had> {
    return this.#outcomes.had;
  }

  /** The entries since the last call that go on from an offset. */
  takeResumptions(): readonly { readonly index: number; readonly offset: Bytes }[] {
    return this.#outcomes.takeResumptions();
  }

  /** `current` is the index of the entry whose content is being sent; undefined: none now. */
  get progress(): TransferProgress & { readonly current: number | undefined } {
    return { ...this.#outcomes.progress, current: this.#accepted.first?.index };
  }

  /** Everything that can be done without waiting. Never throws, whatever the peer sent. */
  step(): void {
    this.#read();
    while (this.#state === 'running' && this.#stream.writable() > 0) {
      if (!this.#offerNext() && !this.#accepted.sendEarly() && !this.#sendNext() && !this.#finish()) break;
    }
    if (this.#state === 'running' && this.#answered() && this.#stream.readFinished) this.#state = 'complete';
  }

  /** Gives up and closes what is open; outcomes already known stay. */
  cancel(): void {
    if (this.#state === 'running') this.#fail();
  }

  #read(): void {
    while (this.#state === 'running') {
      const bytes = this.#stream.read();
      if (bytes === undefined) break;
      this.#stream.consumed(bytes.length); // only the few bytes of half a message stay with us
      this.#reader.push(bytes);
      for (let message = this.#reader.poll(); message !== undefined; message = this.#reader.poll()) {
        const wrong = this.#state === 'running' ? this.#handle(message) : undefined;
        if (wrong === undefined) this.#answers++;
        else this.#violate(wrong);
      }
    }
    if (this.#state !== 'running' || !this.#stream.readFinished) return;
    if (!this.#answered() || !this.#reader.atBoundary) this.#violate('the receiver ended its stream too early');
  }

  #answered(): boolean {
    return this.#doneSent && this.#undecided.length === 0 && this.#awaited.count === 0;
  }

  /** Answers what is wrong with the message, as every handler does; undefined: nothing. */
  #handle(message: IncomingMessage): string | undefined {
    switch (message.kind) {
      case 'verdict':
        return this.#handleVerdict(message);
      case 'missing':
        return this.#handleMissing(message);
      case 'receipt':
        return this.#handleReceipt(message);
      case 'malformed':
        return `malformed message (${message.reason})`;
      default:
        return `a receiver sends no ${message.kind}`;
    }
  }

  #handleVerdict(verdict: Verdict): string | undefined {
    const { entry, code, text } = verdict;
    const [offered] = this.#undecided;
    if (offered?.entry !== entry) return 'verdict out of order';
    const wrong = checkVerdict(verdict, offered.offer);
    if (wrong !== undefined) return wrong;
    this.#undecided.shift();
    const { index, offer } = offered;
    const { size } = offer;
    const early = this.#accepted.takeEarly(verdict);
    if (verdict.verdict === 'accept') {
      this.#outcomes.accept(index, verdict.offset);
      if (early !== undefined) this.#outcomes.count(early.position);
      this.#goOn({ ...offered, wanted: { kind: 'content', from: verdict.offset }, content: early });
    } else if (verdict.verdict === 'compare') {
      this.#outcomes.compare(index, size ?? 0);
      this.#goOn({ ...offered, wanted: { kind: 'digest' }, content: early });
    } else {
      const status = verdict.verdict === 'skip' ? 'skipped' : 'refused';
      this.#outcomes.leaveOut(index, { ...HAD_NOTHING, status, code, text: cutText(text), size, digest: undefined });
    }
    return undefined;
  }

  /** An accepted entry: its content is still to be sent, or only to be confirmed. */
  #goOn(sending: Sending): void {
    const closing = sending.content?.closing;
    if (closing === undefined) this.#accepted.add(sending);
    else this.#await(sending, closing);
  }

  #await({ entry, index }: Sending, closing: Closing): void {
    this.#awaited.add(entry, { index, had: this.#outcomes.hadOf(index), closing });
  }

  #handleMissing(answer: Missing): string | undefined {
    const wrong = 'answer to a prefix that waits for none';
    const aborted = this.#awaited.takeMissing(answer);
    if (aborted !== undefined) return aborted.isDue ? undefined : wrong;
    const { first } = this.#accepted; // the only one whose digests are on their way
    const missing = first?.entry === answer.entry ? first.content?.takeAnswer(answer) : undefined;
    if (first === undefined || missing === undefined) return wrong;
    this.#outcomes.resume(first.index, -missing);
    return undefined;
  }

  #handleReceipt(receipt: Receipt): string | undefined {
    const read = this.#awaited.take(receipt);
    if ('wrong' in read) return read.wrong;
    this.#outcomes.settle(read.index, read.outcome);
    return undefined;
  }

  /** Makes the next offer; false: none is due or allowed now. */
  #offerNext(): boolean {
    const outgoing = this.#entries[this.#next];
    if (outgoing === undefined || this.#undecided.length === MAX_UNANSWERED) return false;
    const index = this.#next++;
    const { offer } = outgoing; // made anew for everybody who asks
    if (!offerFits(offer)) {
      const text = encodeText('the path is too long for the protocol');
      this.#outcomes.leaveOut(index, failedOutcome(TRANSFER_CODE.name, text, offer.size));
      return true;
    }
    const entry = this.#offered++;
    this.#stream.write(encodeOffer({ ...offer, kind: 'offer', entry }));
    this.#undecided.push({ entry, index, outgoing, offer });
    const hasContent = offer.entryKind === 'file' && (offer.size ?? 0) > 0;
    if (entry === 0 && hasContent) this.#accepted.openEarly({ entry, outgoing, offer });
    return true;
  }

  /** Sends what the current source has; false: nothing is ready. */
  #sendNext(): boolean {
    const { first } = this.#accepted;
    const sent = first?.content?.sendNext();
    if (first === undefined || sent === undefined) return false;
    if (sent.kind === 'content') {
      this.#outcomes.count(sent.bytes);
      return true;
    }
    this.#await(first, sent);
    this.#accepted.shift();
    return true;
  }

  /** Says DONE after the last content; false: not the time for it. */
  #finish(): boolean {
    if (this.#doneSent || this.#next < this.#entries.length) return false;
    const early = this.#accepted.isEarlyWhole ? 1 : 0; // the first one, and no other
    if (this.#undecided.length > early || this.#accepted.first !== undefined) return false;
    this.#stream.write(encodeDone({ kind: 'done', entries: this.#offered }));
    this.#stream.finish();
    this.#doneSent = true;
    return true;
  }

  #violate(reason: string): void {
    this.#violation = reason;
    this.#fail();
  }

  #fail(): void {
    this.#state = 'failed';
    this.#accepted.close();
    this.#undecided.length = 0;
    this.#awaited.clear();
  }
}
