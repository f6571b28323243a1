import type { Bytes } from '../base/units.ts';
import type { ByteStream } from '../session/byte-stream.ts';
import { checkVerdict } from './check-verdict.ts';
import { TRANSFER_CODE } from './codes.ts';
import { encodeDone, encodeOffer, offerFits } from './encode-message.ts';
import { MAX_UNANSWERED } from './message-layout.ts';
import { MessageReader } from './message-reader.ts';
import type { IncomingMessage, Missing, Receipt, Verdict } from './messages.ts';
import {
  type EntryOutcome,
  equalBytes,
  failedOutcome,
  HAD_NOTHING,
  type Had,
  type TransferProgress,
} from './outcome.ts';
import { type Closing, OutgoingContent } from './outgoing-content.ts';
import type { OutgoingEntry, Wanted } from './ports.ts';
import { cutText, encodeText } from './text.ts';

/** Sources open at once: the one being sent and the next ones, so that opening them costs no waiting. */
const MAX_OPEN_SOURCES = 4;
/** The same of small ones: reading them takes several trips to the disk each. They hold all of their content, which is so little. */
const MAX_OPEN_SMALL = 32;
const SMALL: Bytes = 16 * 1024;

/** An entry between its offer and the end of its content. */
type Pending = {
  readonly entry: number;
  /** Its place in the list of entries. */
  readonly index: number;
  readonly outgoing: OutgoingEntry;
  readonly offer: OutgoingEntry['offer'];
  /** Known once accepted. */
  wanted: Wanted | undefined;
  /** Open once accepted and its turn is near. */
  content: OutgoingContent | undefined;
};

/** An entry whose receipt is due, and what that must confirm. */
type Unconfirmed = { readonly index: number; readonly closing: Closing };

/** Sends entries over one stream and learns what became of each. Polled: `step` does all that can be done now. */
export class SendingTransfer {
  readonly #entries: readonly OutgoingEntry[];
  readonly #stream: ByteStream;
  readonly #wake: () => void;
  readonly #reader = new MessageReader();
  readonly #outcomes: (EntryOutcome | undefined)[];
  /** By entry id, in order of ids: content goes out in this order. */
  readonly #pending = new Map<number, Pending>();
  readonly #unconfirmed = new Map<number, Unconfirmed>();
  /** By index, of the accepted entries. */
  readonly #had = new Map<number, Had>();
  #resumptions: { readonly index: number; readonly offset: Bytes }[] = [];
  /** The first pending entry, once it is accepted. */
  #current: Pending | undefined;
  /** Index of the next entry to offer. */
  #next = 0;
  /** Offers made: the next entry id. */
  #offered = 0;
  /** Verdicts heard: the entry of the next one, because they come in the order of the offers. */
  #judged = 0;
  #doneSent = false;
  /** Answers heard: verdicts, receipts, and what is missing of prefixes. */
  #answers = 0;
  #unconfirmedBytes: Bytes = 0;
  #entriesDone = 0;
  #bytes: Bytes = 0;
  #resumed: Bytes = 0;
  #bytesTotal: Bytes = 0;
  #state: 'running' | 'complete' | 'failed' = 'running';
  #violation: string | undefined;

  /**
   * Offers the entries in this order. `wake` is called when a source has something new: it asks for a `step` soon and
   * must not step itself.
   */
  constructor(entries: readonly OutgoingEntry[], stream: ByteStream, wake: () => void) {
    this.#entries = entries;
    this.#stream = stream;
    this.#wake = wake;
    this.#outcomes = entries.map(() => undefined);
    for (const { offer } of entries) this.#bytesTotal += offer.size ?? 0;
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
    return this.#outcomes;
  }

  /** Answers heard: one to each offer, each group of digests and each entry that was sent. */
  get answers(): number {
    return this.#answers;
  }

  /** Of entries whose receipts are due: the receiver's disk may be busy with all of that. */
  get unconfirmedBytes(): Bytes {
    return this.#unconfirmedBytes;
  }

  /** The receiver owes us an answer, or the end of its stream, and there is nothing else to do. */
  get isWaiting(): boolean {
    if (this.#state !== 'running') return false;
    if (this.#current?.content !== undefined) return this.#current.content.isWaiting;
    return this.#doneSent || this.#pending.size > 0 || this.#unconfirmed.size > 0;
  }

  /** What the receiver had of each accepted entry, by its index. */
  get had(): ReadonlyMap<number, Had> {
    return this.#had;
  }

  /** The entries since the last call that go on from an offset. */
  takeResumptions(): readonly { readonly index: number; readonly offset: Bytes }[] {
    const resumptions = this.#resumptions;
    this.#resumptions = [];
    return resumptions;
  }

  /** `current` is the index of the entry whose content is being sent; undefined: none now. */
  get progress(): TransferProgress & { readonly current: number | undefined } {
    return {
      entries: this.#entries.length,
      entriesDone: this.#entriesDone,
      bytes: this.#bytes,
      resumed: this.#resumed,
      bytesTotal: this.#bytesTotal,
      current: this.#current?.index,
    };
  }

  /** Everything that can be done without waiting. Never throws, whatever the peer sent. */
  step(): void {
    this.#read();
    while (this.#state === 'running' && this.#stream.writable() > 0) {
      if (!this.#offerNext() && !this.#sendNext() && !this.#finish()) break;
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
    return this.#doneSent && this.#unconfirmed.size === 0;
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
    const pending = this.#pending.get(entry);
    if (pending === undefined || entry !== this.#judged) return 'verdict out of order';
    const wrong = checkVerdict(verdict, pending.offer);
    if (wrong !== undefined) return wrong;
    this.#judged++;
    const { size } = pending.offer;
    if (verdict.verdict === 'accept' || verdict.verdict === 'compare') {
      const isContent = verdict.verdict === 'accept';
      pending.wanted = isContent ? { kind: 'content', from: verdict.offset } : { kind: 'digest' };
      this.#resume(pending.index, isContent ? verdict.offset : (size ?? 0), !isContent);
      if (verdict.offset > 0) this.#resumptions.push({ index: pending.index, offset: verdict.offset });
    } else {
      this.#pending.delete(entry);
      this.#bytesTotal -= size ?? 0;
      const status = verdict.verdict === 'skip' ? 'skipped' : 'refused';
      this.#settle(pending.index, { ...HAD_NOTHING, status, code, text: cutText(text), size, digest: undefined });
    }
    this.#openSources();
    return undefined;
  }

  #handleMissing(answer: Missing): string | undefined {
    const wrong = 'answer to a prefix that waits for none';
    const closing = this.#unconfirmed.get(answer.entry)?.closing;
    if (closing?.kind === 'aborted') return closing.open.answer(answer) ? undefined : wrong;
    const pending = this.#pending.get(answer.entry);
    const missing = pending?.content?.takeAnswer(answer);
    if (pending === undefined || missing === undefined) return wrong;
    this.#resume(pending.index, -missing);
    return undefined;
  }

  #handleReceipt({ entry, code, size, digest, text }: Receipt): string | undefined {
    const expected = this.#unconfirmed.get(entry);
    if (expected === undefined) return 'receipt for an entry that waits for none';
    const { index, closing } = expected;
    this.#unconfirmed.delete(entry);
    if (closing.kind === 'ended') this.#unconfirmedBytes -= closing.size;
    if (closing.kind === 'aborted') {
      if (code !== closing.code) return 'receipt does not repeat the code of the abort';
      if (closing.open.count > 0) return 'receipt before the answer to a prefix';
      this.#settle(index, failedOutcome(code, closing.text));
    } else if (code !== TRANSFER_CODE.ok) {
      this.#settle(index, failedOutcome(code, cutText(text), closing.size));
    } else if (size !== closing.size || !equalBytes(digest, closing.digest)) {
      return 'receipt confirms other content than was sent';
    } else {
      const had = this.#had.get(index) ?? HAD_NOTHING;
      this.#settle(index, { ...had, status: 'stored', code, text: cutText(text), size, digest: closing.digest });
    }
    return undefined;
  }

  /** The receiver turns out to have so many bytes more of an entry than was thought. */
  #resume(index: number, bytes: Bytes, alreadyThere = false): void {
    const { resumed } = this.#had.get(index) ?? HAD_NOTHING;
    this.#had.set(index, { resumed: resumed + bytes, alreadyThere });
    this.#bytes += bytes;
    this.#resumed += bytes;
  }

  /** Makes the next offer; false: none is due or allowed now. */
  #offerNext(): boolean {
    const outgoing = this.#entries[this.#next];
    if (outgoing === undefined || this.#offered - this.#judged === MAX_UNANSWERED) return false;
    const index = this.#next++;
    const { offer } = outgoing; // made anew for everybody who asks
    if (!offerFits(offer)) {
      const { size } = offer;
      this.#bytesTotal -= size ?? 0;
      this.#settle(index, failedOutcome(TRANSFER_CODE.name, encodeText('the path is too long for the protocol'), size));
      return true;
    }
    const entry = this.#offered++;
    this.#stream.write(encodeOffer({ ...offer, kind: 'offer', entry }));
    this.#pending.set(entry, { entry, index, outgoing, offer, wanted: undefined, content: undefined });
    return true;
  }

  /** Sends what the current source has; false: nothing is ready. */
  #sendNext(): boolean {
    const sent = this.#current?.content?.sendNext();
    if (this.#current === undefined || sent === undefined) return false;
    if (sent.kind === 'content') {
      this.#bytes += sent.bytes;
      return true;
    }
    const { entry, index } = this.#current;
    this.#pending.delete(entry);
    this.#unconfirmed.set(entry, { index, closing: sent });
    if (sent.kind === 'ended') this.#unconfirmedBytes += sent.size;
    this.#openSources();
    return true;
  }

  /** Opens the sources whose turn is near: the accepted entries before the first that waits for its verdict. */
  #openSources(): void {
    this.#current = undefined;
    let open = 0;
    let large = 0;
    for (const pending of this.#pending.values()) {
      const { entry, outgoing, offer, wanted } = pending;
      if (wanted === undefined || open === MAX_OPEN_SMALL || large === MAX_OPEN_SOURCES) break;
      this.#current ??= pending;
      pending.content ??= new OutgoingContent(entry, outgoing, wanted, this.#stream, this.#wake);
      open++;
      if ((offer.size ?? Infinity) > SMALL) large++;
    }
  }

  /** Says DONE after the last content; false: not the time for it. */
  #finish(): boolean {
    if (this.#doneSent || this.#next < this.#entries.length || this.#pending.size > 0) return false;
    this.#stream.write(encodeDone({ kind: 'done', entries: this.#offered }));
    this.#stream.finish();
    this.#doneSent = true;
    return true;
  }

  #settle(index: number, outcome: EntryOutcome): void {
    this.#outcomes[index] = outcome;
    this.#entriesDone++;
  }

  #violate(reason: string): void {
    this.#violation = reason;
    this.#fail();
  }

  #fail(): void {
    this.#state = 'failed';
    for (const { content } of this.#pending.values()) content?.close();
    this.#pending.clear();
    this.#unconfirmed.clear();
    this.#current = undefined;
  }
}
