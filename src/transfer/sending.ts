import type { Bytes } from '../base/units.ts';
import type { ByteStream } from '../session/byte-stream.ts';
import { TRANSFER_CODE } from './codes.ts';
import { encodeAbort, encodeContentHeader, encodeDone, encodeEnd, encodeOffer, offerFits } from './encode-message.ts';
import { MAX_CONTENT, MAX_UNANSWERED } from './message-layout.ts';
import { MessageReader } from './message-reader.ts';
import type { IncomingMessage, Receipt, Verdict } from './messages.ts';
import { type EntryOutcome, equalBytes, failedOutcome, type TransferProgress } from './outcome.ts';
import type { OutgoingEntry, Source, SourcePiece } from './ports.ts';
import { cutText, encodeText } from './text.ts';

/** Sources open at once: the one being sent and the next ones, so that opening them costs no waiting. */
const MAX_OPEN_SOURCES = 4;

/** An entry between its offer and the end of its content. */
type Pending = {
  readonly entry: number;
  /** Its place in the list of entries. */
  readonly index: number;
  readonly outgoing: OutgoingEntry;
  accepted: boolean;
  /** Open once accepted and its turn is near. */
  source: Source | undefined;
  sent: Bytes;
};

/** An entry whose receipt is due, and what that must confirm. */
type Unconfirmed = { readonly index: number } & (
  | { readonly kind: 'ended'; readonly size: Bytes; readonly digest: Uint8Array }
  | { readonly kind: 'aborted'; readonly code: number; readonly text: Uint8Array }
);

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
  /** The first pending entry, once it is accepted. */
  #current: Pending | undefined;
  /** Index of the next entry to offer. */
  #next = 0;
  /** Offers made: the next entry id. */
  #offered = 0;
  /** Verdicts heard: the entry of the next one, because they come in the order of the offers. */
  #judged = 0;
  #doneSent = false;
  #entriesDone = 0;
  #bytes: Bytes = 0;
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

  /** `current` is the index of the entry whose content is being sent; undefined: none now. */
  get progress(): TransferProgress & { readonly current: number | undefined } {
    return {
      entries: this.#entries.length,
      entriesDone: this.#entriesDone,
      bytes: this.#bytes,
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
        if (wrong !== undefined) this.#violate(wrong);
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
      case 'receipt':
        return this.#handleReceipt(message);
      case 'malformed':
        return `malformed message (${message.reason})`;
      default:
        return `a receiver sends no ${message.kind}`;
    }
  }

  #handleVerdict({ entry, verdict, code, offset, text }: Verdict): string | undefined {
    const pending = this.#pending.get(entry);
    if (pending === undefined || entry !== this.#judged) return 'verdict out of order';
    if (offset !== 0) return 'verdict asks for an offset without resume';
    if (verdict === 'accept' && code !== TRANSFER_CODE.ok) return 'verdict accepts with a code';
    this.#judged++;
    if (verdict === 'accept') {
      pending.accepted = true;
    } else {
      this.#pending.delete(entry);
      const { size } = pending.outgoing.offer;
      this.#bytesTotal -= size ?? 0;
      const status = verdict === 'skip' ? 'skipped' : 'refused';
      this.#settle(pending.index, { status, code, text: cutText(text), size, digest: undefined });
    }
    this.#openSources();
    return undefined;
  }

  #handleReceipt({ entry, code, size, digest, text }: Receipt): string | undefined {
    const expected = this.#unconfirmed.get(entry);
    if (expected === undefined) return 'receipt for an entry that waits for none';
    const { index } = expected;
    this.#unconfirmed.delete(entry);
    if (expected.kind === 'aborted') {
      if (code !== expected.code) return 'receipt does not repeat the code of the abort';
      this.#settle(index, failedOutcome(code, expected.text));
    } else if (code !== TRANSFER_CODE.ok) {
      this.#settle(index, failedOutcome(code, cutText(text), expected.size));
    } else if (size !== expected.size || !equalBytes(digest, expected.digest)) {
      return 'receipt confirms other content than was sent';
    } else {
      this.#settle(index, { status: 'stored', code, text: cutText(text), size, digest: expected.digest });
    }
    return undefined;
  }

  /** Makes the next offer; false: none is due or allowed now. */
  #offerNext(): boolean {
    const outgoing = this.#entries[this.#next];
    if (outgoing === undefined || this.#offered - this.#judged === MAX_UNANSWERED) return false;
    const index = this.#next++;
    if (!offerFits(outgoing.offer)) {
      const { size } = outgoing.offer;
      this.#bytesTotal -= size ?? 0;
      this.#settle(index, failedOutcome(TRANSFER_CODE.name, encodeText('the path is too long for the protocol'), size));
      return true;
    }
    const entry = this.#offered++;
    this.#stream.write(encodeOffer({ ...outgoing.offer, kind: 'offer', entry }));
    this.#pending.set(entry, { entry, index, outgoing, accepted: false, source: undefined, sent: 0 });
    return true;
  }

  /** Sends what the current source has; false: nothing is ready. */
  #sendNext(): boolean {
    const current = this.#current;
    const piece = current?.source?.poll();
    if (current === undefined || piece === undefined) return false;
    this.#sendPiece(current, piece);
    return true;
  }

  #sendPiece(current: Pending, piece: SourcePiece): void {
    const { size } = current.outgoing.offer;
    if (piece.kind === 'failed') {
      this.#abort(current, piece.code, piece.text);
    } else if (piece.kind === 'prefix') {
      throw new Error('no prefix was wanted');
    } else if (piece.kind === 'bytes') {
      if (current.sent + piece.bytes.length > (size ?? Number.MAX_SAFE_INTEGER)) this.#abortChanged(current);
      else this.#sendBytes(current, piece.bytes);
    } else if (piece.size !== current.sent || piece.size !== (size ?? piece.size)) {
      this.#abortChanged(current);
    } else {
      this.#stream.write(encodeEnd({ ...piece, entry: current.entry }));
      this.#closeContent(current, { ...piece, index: current.index, kind: 'ended' });
    }
  }

  #sendBytes(current: Pending, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += MAX_CONTENT) {
      const part = bytes.subarray(at, at + MAX_CONTENT);
      this.#stream.write(encodeContentHeader(current.entry, current.sent, part.length));
      this.#stream.write(part);
      current.sent += part.length;
      this.#bytes += part.length;
    }
  }

  #abortChanged(current: Pending): void {
    this.#abort(current, TRANSFER_CODE.sourceChanged, 'the file changed while it was sent');
  }

  #abort(current: Pending, sourceCode: number, words: string): void {
    const code = sourceCode === TRANSFER_CODE.ok ? TRANSFER_CODE.sourceUnreadable : sourceCode; // an abort is never OK
    const text = cutText(encodeText(words));
    this.#stream.write(encodeAbort({ kind: 'abort', entry: current.entry, code, text }));
    this.#closeContent(current, { index: current.index, kind: 'aborted', code, text });
  }

  #closeContent({ entry, source }: Pending, expected: Unconfirmed): void {
    source?.close();
    this.#pending.delete(entry);
    this.#unconfirmed.set(entry, expected);
    this.#openSources();
  }

  /** Opens the sources whose turn is near: the accepted entries before the first that waits for its verdict. */
  #openSources(): void {
    this.#current = undefined;
    let open = 0;
    for (const pending of this.#pending.values()) {
      if (!pending.accepted || open === MAX_OPEN_SOURCES) break;
      this.#current ??= pending;
      pending.source ??= pending.outgoing.open({ kind: 'content', from: 0 }, this.#wake);
      open++;
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
    for (const { source } of this.#pending.values()) source?.close();
    this.#pending.clear();
    this.#unconfirmed.clear();
    this.#current = undefined;
  }
}
