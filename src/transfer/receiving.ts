import type { Bytes } from '../base/units.ts';
import type { ByteStream } from '../session/byte-stream.ts';
import { encodeMissing, encodeReceipt, encodeVerdict } from './encode-message.ts';
import { IncomingEntry } from './incoming-entry.ts';
import { MAX_UNANSWERED } from './message-layout.ts';
import { MessageReader } from './message-reader.ts';
import type { Abort, Content, Done, End, IncomingMessage, Offer, Prefix } from './messages.ts';
import type { EntryOutcome, TransferProgress } from './outcome.ts';
import type { Owner, Store } from './ports.ts';

/** Sinks open at once; offers beyond them wait without one. Fewer small files than this in a round trip leave a link idle. */
export const MAX_OPEN_SINKS = 512;

const PIPE_WORDS = 'files are received here, and this is a pipe: use udpcp pipe on both sides';
/** Messages after which a step leaves the rest for the next one: a stream of crumbs must not hold up the others. */
const MESSAGES_PER_STEP = 4096;

/** What became of one offered entry. */
export type ReceivedOutcome = EntryOutcome & { readonly offer: Offer };

/** An entry of which something is here, and how much that is. */
export interface Resumption {
  readonly offer: Offer;
  readonly offset: Bytes;
}

/** Receives entries from one stream into a store. Polled: `step` does all that can be done now. */
export class ReceivingTransfer {
  readonly #store: Store;
  readonly #stream: ByteStream;
  readonly #wake: () => void;
  readonly #owner: Owner;
  readonly #reader = new MessageReader();
  /** Offers without a sink, in order. */
  readonly #queue: Offer[] = [];
  /** Entries with a sink, in order of ids; gone once the last word about them is written. */
  #open: IncomingEntry[] = [];
  #outcomes: ReceivedOutcome[] = [];
  #resumptions: Resumption[] = [];
  #offered = 0;
  #unanswered = 0;
  #done = false;
  #entriesDone = 0;
  #bytes: Bytes = 0;
  #resumed: Bytes = 0;
  #bytesTotal: Bytes = 0;
  #bytesRead: Bytes = 0;
  #state: 'running' | 'complete' | 'failed' = 'running';
  #violation: string | undefined;

  /** `wake` is called when a sink has something new: it asks for a `step` soon and must not step itself. */
  constructor(store: Store, stream: ByteStream, wake: () => void, owner: Owner) {
    this.#store = store;
    this.#owner = owner;
    this.#stream = stream;
    this.#wake = wake;
  }

  /** Complete: the sender said DONE, every entry has its last word, and our stream is finished. */
  get state(): 'running' | 'complete' | 'failed' {
    return this.#state;
  }

  /** How the peer broke the rules; the session is to be closed with code TRANSFER. */
  get violation(): string | undefined {
    return this.#violation;
  }

  /** `current` is the entry whose content comes now or next, with the bytes received of it; undefined: none. */
  get progress(): TransferProgress & { readonly current: { offer: Offer; received: Bytes } | undefined } {
    const current = this.#receiving();
    return {
      entries: this.#offered,
      entriesDone: this.#entriesDone,
      bytes: this.#bytes,
      resumed: this.#resumed,
      bytesTotal: this.#bytesTotal,
      current: current && { offer: current.offer, received: current.received },
    };
  }

  /** Stream bytes that came in order, messages and all. */
  get bytesRead(): Bytes {
    return this.#bytesRead;
  }

  /**
   * The sender owes us the next move: no verdict, write, comparison or receipt of ours is under way, and no stream that
   * may rest.
   */
  get isWaiting(): boolean {
    if (this.#state !== 'running' || this.#done || this.#queue.length > 0) return false;
    // What has no length may come from a person, or from a program that thinks for minutes.
    const current = this.#receiving();
    if (current !== undefined && current.offer.size === undefined) return false;
    return this.#open.every((entry) => entry.phase === 'receiving' && !entry.holdsBytes && !entry.owesAnswer);
  }

  /** How many bytes the sender may have to read before it says something. */
  get toRead(): Bytes {
    return this.#receiving()?.toRead ?? 0;
  }

  /** The outcomes since the last call, forgotten here: a peer may offer entries without end. */
  takeOutcomes(): ReceivedOutcome[] {
    const outcomes = this.#outcomes;
    this.#outcomes = [];
    return outcomes;
  }

  /** The entries since the last call that go on where an earlier transfer stopped. */
  takeResumptions(): Resumption[] {
    const resumptions = this.#resumptions;
    this.#resumptions = [];
    return resumptions;
  }

  /** Everything that can be done without waiting. Never throws, whatever the peer sent. */
  step(): void {
    this.#read();
    if (this.#state === 'running') this.#answer();
    if (this.#state !== 'running' || !this.#done || this.#open.length > 0) return;
    this.#stream.finish();
    this.#state = 'complete'; // without waiting for the peer's FIN: its CLOSE may come first
  }

  /** Gives up: nothing that is not published yet will be. */
  abort(): void {
    if (this.#state === 'running') this.#fail();
  }

  #read(): void {
    for (let messages = 0; this.#state === 'running'; ) {
      if (messages >= MESSAGES_PER_STEP) {
        this.#wake();
        return;
      }
      const bytes = this.#stream.read();
      if (bytes === undefined) break;
      let held: Bytes = 0;
      this.#bytesRead += bytes.length;
      this.#reader.push(bytes);
      for (let message = this.#reader.poll(); message !== undefined; message = this.#reader.poll()) {
        messages++;
        if (this.#state === 'running') held += this.#handle(message);
      }
      this.#stream.consumed(bytes.length - held, bytes);
    }
    if (this.#state !== 'running' || !this.#stream.readFinished) return;
    if (!this.#done || !this.#reader.atBoundary) this.#violate('the sender ended its stream too early');
  }

  /** Answers how many bytes of the message a sink holds; they are counted as consumed later. */
  #handle(message: IncomingMessage): Bytes {
    if (this.#done) return this.#violate('message after the last one');
    switch (message.kind) {
      case 'offer':
        return this.#handleOffer(message);
      case 'content':
        return this.#handleContent(message);
      case 'prefix':
        return this.#handlePrefix(message);
      case 'end':
        return this.#handleEnd(message);
      case 'abort':
        return this.#handleAbort(message);
      case 'done':
        return this.#handleDone(message);
      case 'malformed':
        return this.#violate(message.reason === 'pipe' ? PIPE_WORDS : `malformed message (${message.reason})`);
      default:
        return this.#violate(`a sender sends no ${message.kind}`);
    }
  }

  #handleOffer(offer: Offer): Bytes {
    if (offer.entry !== this.#offered) return this.#violate('offer out of order');
    if (this.#unanswered === MAX_UNANSWERED) return this.#violate('too many offers before their verdicts');
    this.#offered++;
    this.#unanswered++;
    this.#bytesTotal += offer.size ?? 0;
    this.#queue.push(offer);
    return 0;
  }

  #handleContent({ entry, offset, bytes }: Content): Bytes {
    const current = this.#receiving();
    if (current?.offer.entry !== entry) return this.#violate('content for an entry whose turn it is not');
    const wrong = current.expected.takeContent(offset, bytes.length);
    if (wrong !== undefined) return this.#violate(wrong);
    this.#bytes += bytes.length;
    return current.write(bytes, offset);
  }

  #handlePrefix(prefix: Prefix): Bytes {
    const current = this.#receiving();
    if (current?.offer.entry !== prefix.entry) return this.#violate('prefix of an entry whose turn it is not');
    const wrong = current.expected.takePrefix(prefix.offset, prefix.digests.length);
    if (wrong !== undefined) return this.#violate(wrong);
    current.compare(prefix);
    return 0;
  }

  #handleEnd({ entry, size, digest }: End): Bytes {
    const current = this.#receiving();
    if (current?.offer.entry !== entry) return this.#violate('end of an entry whose turn it is not');
    const wrong = current.expected.takeEnd(size);
    if (wrong !== undefined) return this.#violate(wrong);
    current.end(size, digest);
    return 0;
  }

  #handleAbort({ entry, code, text }: Abort): Bytes {
    const current = this.#receiving();
    if (current?.offer.entry !== entry) return this.#violate('abort of an entry whose turn it is not');
    current.abort(code, text);
    return 0;
  }

  #handleDone({ entries }: Done): Bytes {
    if (entries !== this.#offered) return this.#violate('done with another number of entries than were offered');
    if (this.#unanswered > 0 || this.#receiving()) return this.#violate('done before all content');
    this.#done = true;
    return 0;
  }

  /** The entry whose content comes now or next: the first accepted one that has not ended. */
  #receiving(): IncomingEntry | undefined {
    return this.#open.find(({ phase }) => phase === 'receiving');
  }

  /** Grants credit, gives verdicts in the order of the offers and receipts as they come, and opens more sinks. */
  #answer(): void {
    let inOrder = true;
    for (const entry of this.#open) {
      this.#turn(entry, inOrder);
      inOrder &&= entry.phase !== 'undecided';
    }
    this.#open = this.#open.filter(({ phase }) => phase !== 'closed');
    while (this.#open.length < MAX_OPEN_SINKS) {
      const offer = this.#queue.shift();
      if (offer === undefined) break;
      const entry = new IncomingEntry(offer, this.#store.open(offer, this.#wake, this.#owner));
      this.#turn(entry, inOrder);
      inOrder &&= entry.phase !== 'undecided';
      if (entry.phase !== 'closed') this.#open.push(entry);
    }
  }

  #turn(entry: IncomingEntry, mayDecide: boolean): void {
    if (entry.phase === 'undecided' && mayDecide && this.#stream.writable() > 0) this.#decide(entry);
    entry.look();
    entry.giveBack(this.#stream);
    this.#note(entry);
    if (entry.owesAnswer) this.#compare(entry);
    const receipt = this.#stream.writable() > 0 ? entry.confirm() : undefined;
    if (receipt !== undefined) this.#stream.write(encodeReceipt(receipt));
  }

  #decide(entry: IncomingEntry): void {
    const verdict = entry.decide();
    if (verdict === undefined) return;
    this.#unanswered--;
    if (verdict.verdict === 'skip' || verdict.verdict === 'refuse') this.#bytesTotal -= entry.offer.size ?? 0;
    this.#resume(entry.resumed);
    if (verdict.offset > 0) this.#resumptions.push({ offer: entry.offer, offset: verdict.offset });
    this.#stream.write(encodeVerdict(verdict));
  }

  /** Tells the sender what its prefixes were compared to, as far as that is known. */
  #compare(entry: IncomingEntry): void {
    const resumed = entry.resumed;
    while (this.#stream.writable() > 0) {
      const answer = entry.answerPrefix();
      if (answer === undefined) break;
      this.#stream.write(encodeMissing(answer));
    }
    this.#resume(entry.resumed - resumed);
  }

  /** So many bytes more need not come. */
  #resume(bytes: Bytes): void {
    this.#bytes += bytes;
    this.#resumed += bytes;
  }

  #note(entry: IncomingEntry): void {
    const outcome = entry.takeOutcome();
    if (outcome === undefined) return;
    this.#outcomes.push({ ...outcome, offer: entry.offer });
    this.#entriesDone++;
  }

  #violate(reason: string): Bytes {
    this.#violation = reason;
    this.#fail();
    return 0;
  }

  #fail(): void {
    this.#state = 'failed';
    for (const entry of this.#open) {
      entry.giveUp();
      this.#note(entry);
    }
    this.#open = [];
    this.#queue.length = 0;
  }
}
