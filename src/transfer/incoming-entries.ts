import type { Bytes } from '../base/units.ts';
import type { ByteStream } from '../session/byte-stream.ts';
import { EarlyContent } from './early-content.ts';
import { encodeMissing, encodeReceipt, encodeVerdict } from './encode-message.ts';
import { IncomingEntry } from './incoming-entry.ts';
import { MAX_UNANSWERED } from './message-layout.ts';
import type { Content, End, Offer, Verdict } from './messages.ts';
import type { EntryOutcome, TransferProgress } from './outcome.ts';
import type { Owner, Store } from './ports.ts';

/** Sinks open at once; offers beyond them wait without one. Fewer small files than this in a round trip leave a link idle. */
export const MAX_OPEN_SINKS = 512;

/** What became of one offered entry. */
export type ReceivedOutcome = EntryOutcome & { readonly offer: Offer };

/** An entry of which something is here, and how much that is. */
export interface Resumption {
  readonly offer: Offer;
  readonly offset: Bytes;
}

/**
 * The entries that a sender has offered, and what it is told of them: verdicts in the order of the offers, receipts as
 * they come, credit for what the disk has taken. There may be hundreds, so only those with news are looked at.
 */
export class IncomingEntries {
  readonly #store: Store;
  readonly #stream: ByteStream;
  readonly #wake: () => void;
  readonly #owner: Owner;
  /** Offers without a sink, in order. */
  readonly #queue: Offer[] = [];
  /** Entries with a sink, in the order of their offers; gone once the last word about them is written. */
  readonly #open = new Set<IncomingEntry>();
  /** Of those, the ones without a verdict, and the accepted ones whose content has not ended: each in order. */
  readonly #undecided: IncomingEntry[] = [];
  readonly #accepted: IncomingEntry[] = [];
  /** Their sinks have something new, or the sender had; and the set that takes turns with this one. */
  #news = new Set<IncomingEntry>();
  #seen = new Set<IncomingEntry>();
  /** Of the first one. */
  #early: EarlyContent | undefined;
  #outcomes: ReceivedOutcome[] = [];
  #resumptions: Resumption[] = [];
  #offered = 0;
  #unanswered = 0;
  #done = 0;
  #bytes: Bytes = 0;
  #resumed: Bytes = 0;
  #bytesTotal: Bytes = 0;

  /** `wake` is called when a sink has something new: `step` is to be called soon. */
  constructor(store: Store, stream: ByteStream, wake: () => void, owner: Owner) {
    this.#store = store;
    this.#stream = stream;
    this.#wake = wake;
    this.#owner = owner;
  }

  /** How many were offered. */
  get offered(): number {
    return this.#offered;
  }

  /** Every one has its last word. */
  get areClosed(): boolean {
    return this.#open.size === 0 && this.#queue.length === 0;
  }

  /** No content is to come: every one has its verdict, or has come whole before it, and none that was accepted has not ended. */
  get areComplete(): boolean {
    const early = this.#early?.isWhole ? 1 : 0;
    return this.#unanswered === early && this.current === undefined;
  }

  /** No verdict, write, comparison or receipt of ours is under way. */
  get areWaiting(): boolean {
    const current = this.current;
    if (this.#queue.length > 0 || this.#open.size > this.#accepted.length) return false;
    return current === undefined || !(current.holdsBytes || current.owesAnswer); // content comes for no other one
  }

  get progress(): TransferProgress {
    return {
      entries: this.#offered,
      entriesDone: this.#done,
      bytes: this.#bytes,
      resumed: this.#resumed,
      bytesTotal: this.#bytesTotal,
    };
  }

  /** The entry whose content comes now or next: the first accepted one that has not ended. */
  get current(): IncomingEntry | undefined {
    while (this.#accepted[0] !== undefined && this.#accepted[0].phase !== 'receiving') this.#accepted.shift();
    return this.#accepted[0];
  }

  /** The current entry, to be told something by the sender, when it is that one. */
  told(entry: number): IncomingEntry | undefined {
    const current = this.current;
    if (current?.offer.entry !== entry) return undefined;
    this.#news.add(current);
    return current;
  }

  /** So much content came. */
  count(bytes: Bytes): void {
    this.#bytes += bytes;
  }

  /** One more offer; answers what is wrong with it. */
  add(offer: Offer): string | undefined {
    if (offer.entry !== this.#offered) return 'offer out of order';
    if (this.#unanswered === MAX_UNANSWERED) return 'too many offers before their verdicts';
    this.#early ??= new EarlyContent(offer);
    this.#offered++;
    this.#unanswered++;
    this.#bytesTotal += offer.size ?? 0;
    this.#queue.push(offer);
    return undefined;
  }

  /** Content of the first one that was sent before its verdict was known; kept: its bytes are consumed later. */
  takeEarly(piece: Content): ReturnType<EarlyContent['take']> {
    return this.#early?.take(piece) ?? 'wrong';
  }

  /** The end of the first one, which may have been sent as early; wanted: its turn decides, as of all others. */
  takeEarlyEnd(end: End): ReturnType<EarlyContent['takeEnd']> {
    return this.#early?.takeEnd(end) ?? 'wrong';
  }

  /** The outcomes since the last call, forgotten here: a peer may offer entries without end. */
  takeOutcomes(): ReceivedOutcome[] {
    const outcomes = this.#outcomes;
    if (outcomes.length > 0) this.#outcomes = [];
    return outcomes;
  }

  /** The entries since the last call that go on where an earlier transfer stopped. */
  takeResumptions(): Resumption[] {
    const resumptions = this.#resumptions;
    if (resumptions.length > 0) this.#resumptions = [];
    return resumptions;
  }

  /** Grants credit, writes what is known, and opens more sinks. */
  step(): void {
    const news = this.#news;
    this.#news = this.#seen;
    this.#seen = news;
    this.#decideInOrder();
    if (this.current !== undefined) news.add(this.current);
    for (const entry of news) this.#turn(entry);
    news.clear();
    while (this.#open.size < MAX_OPEN_SINKS) {
      const offer = this.#queue.shift();
      if (offer === undefined) break;
      this.#begin(offer);
    }
  }

  /** Gives up all of them: nothing that is not published yet will be. */
  fail(): void {
    for (const entry of this.#open) {
      entry.giveUp();
      this.#note(entry);
    }
    for (const list of [this.#queue, this.#undecided, this.#accepted]) list.length = 0;
    for (const set of [this.#open, this.#news]) set.clear();
  }

  #begin(offer: Offer): void {
    let entry: IncomingEntry | undefined;
    const wake = (): void => {
      if (entry !== undefined) this.#news.add(entry);
      this.#wake();
    };
    entry = new IncomingEntry(offer, this.#store.open(offer, wake, this.#owner));
    this.#open.add(entry);
    this.#undecided.push(entry);
    this.#decideInOrder();
  }

  #decideInOrder(): void {
    for (let entry = this.#undecided[0]; entry !== undefined; entry = this.#undecided[0]) {
      if (this.#stream.writable() <= 0 || !this.#decide(entry)) return;
      this.#undecided.shift();
      if (entry.phase === 'receiving') this.#accepted.push(entry);
      this.#turn(entry);
    }
  }

  /** False: its sink does not know yet. */
  #decide(entry: IncomingEntry): boolean {
    const verdict = entry.decide();
    if (verdict === undefined) return false;
    this.#unanswered--;
    if (verdict.verdict === 'skip' || verdict.verdict === 'refuse') this.#bytesTotal -= entry.offer.size ?? 0;
    this.#resume(entry.resumed);
    if (verdict.offset > 0) this.#resumptions.push({ offer: entry.offer, offset: verdict.offset });
    this.#stream.write(encodeVerdict(verdict));
    if (verdict.entry === 0) this.#useEarly(entry, verdict);
    return true;
  }

  #useEarly(entry: IncomingEntry, verdict: Verdict): void {
    const early = this.#early?.decide(verdict);
    for (const { offset, bytes } of early?.content ?? []) {
      if (!early?.isWanted) {
        this.#stream.consumed(bytes.length, bytes);
        continue;
      }
      entry.expected.takeContent(offset, bytes.length);
      this.count(bytes.length);
      entry.write(bytes, offset);
    }
    if (early?.end !== undefined) entry.end(early.end.size, early.end.digest);
  }

  #turn(entry: IncomingEntry): void {
    entry.look();
    entry.giveBack(this.#stream);
    this.#note(entry);
    if (entry.owesAnswer) this.#compare(entry);
    const receipt = this.#stream.writable() > 0 ? entry.confirm() : undefined;
    if (receipt !== undefined) this.#stream.write(encodeReceipt(receipt));
    if (entry.phase === 'closed') this.#open.delete(entry);
    else if (this.#stream.writable() <= 0) this.#news.add(entry); // when there is room again
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
    this.#done++;
  }
}
