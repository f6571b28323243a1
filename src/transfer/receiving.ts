import type { Bytes } from '../base/units.ts';
import type { ByteStream } from '../session/byte-stream.ts';
import { IncomingEntries, type ReceivedOutcome, type Resumption } from './incoming-entries.ts';
import { MessageReader } from './message-reader.ts';
import type { Abort, Content, Done, End, IncomingMessage, Offer, Prefix } from './messages.ts';
import type { TransferProgress } from './outcome.ts';
import type { Owner, Store } from './ports.ts';

const PIPE_WORDS = 'files are received here, and this is a pipe: use udpcp pipe on both sides';
/** Messages after which a step leaves the rest for the next one: a stream of crumbs must not hold up the others. */
const MESSAGES_PER_STEP = 4096;

/** Receives entries from one stream into a store. Polled: `step` does all that can be done now. */
export class ReceivingTransfer {
  readonly #entries: IncomingEntries;
  readonly #stream: ByteStream;
  readonly #wake: () => void;
  readonly #reader = new MessageReader();
  #done = false;
  #bytesRead: Bytes = 0;
  #state: 'running' | 'complete' | 'failed' = 'running';
  #violation: string | undefined;

  /** `wake` is called when a sink has something new: it asks for a `step` soon and must not step itself. */
  constructor(store: Store, stream: ByteStream, wake: () => void, owner: Owner) {
    this.#entries = new IncomingEntries(store, stream, wake, owner);
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
    const { current, progress } = this.#entries;
    return { ...progress, current: current && { offer: current.offer, received: current.received } };
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
    if (this.#state !== 'running' || this.#done) return false;
    // What has no length may come from a person, or from a program that thinks for minutes.
    const { current } = this.#entries;
    if (current !== undefined && current.offer.size === undefined) return false;
    return this.#entries.areWaiting;
  }

  /** How many bytes the sender may have to read before it says something. */
  get toRead(): Bytes {
    return this.#entries.current?.toRead ?? 0;
  }

  /** The outcomes since the last call, forgotten here: a peer may offer entries without end. */
  takeOutcomes(): ReceivedOutcome[] {
    return this.#entries.takeOutcomes();
  }

  /** The entries since the last call that go on where an earlier transfer stopped. */
  takeResumptions(): Resumption[] {
    return this.#entries.takeResumptions();
  }

  /** Everything that can be done without waiting. Never throws, whatever the peer sent. */
  step(): void {
    this.#read();
    if (this.#state === 'running') this.#entries.step();
    if (this.#state !== 'running' || !this.#done || !this.#entries.areClosed) return;
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
        return this.#insist(this.#entries.add(message));
      case 'content':
        return this.#handleContent(message);
      case 'early':
        return this.#handleEarly(message);
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

  #handleContent({ entry, offset, bytes }: Content): Bytes {
    const current = this.#entries.told(entry);
    if (current === undefined) return this.#violate('content for an entry whose turn it is not');
    const wrong = current.expected.takeContent(offset, bytes.length);
    if (wrong !== undefined) return this.#violate(wrong);
    this.#entries.count(bytes.length);
    return current.write(bytes, offset);
  }

  #handleEarly(early: Content): Bytes {
    const fate = this.#entries.takeEarly(early);
    if (fate === 'wrong') return this.#violate('early content that is not allowed');
    if (fate === 'wanted') return this.#handleContent(early);
    return fate === 'kept' ? early.bytes.length : 0;
  }

  #handlePrefix(prefix: Prefix): Bytes {
    const current = this.#entries.told(prefix.entry);
    if (current === undefined) return this.#violate('prefix of an entry whose turn it is not');
    const wrong = current.expected.takePrefix(prefix.offset, prefix.digests.length);
    if (wrong !== undefined) return this.#violate(wrong);
    current.compare(prefix);
    return 0;
  }

  #handleEnd(end: End): Bytes {
    const fate = this.#entries.takeEarlyEnd(end);
    if (fate === 'wrong') return this.#violate('end of an entry whose turn it is not');
    if (fate !== 'wanted') return 0;
    const { entry, size, digest } = end;
    const current = this.#entries.told(entry);
    if (current === undefined) return this.#violate('end of an entry whose turn it is not');
    const wrong = current.expected.takeEnd(size);
    if (wrong !== undefined) return this.#violate(wrong);
    current.end(size, digest);
    return 0;
  }

  #handleAbort({ entry, code, text }: Abort): Bytes {
    const current = this.#entries.told(entry);
    if (current === undefined) return this.#violate('abort of an entry whose turn it is not');
    current.abort(code, text);
    return 0;
  }

  #handleDone({ entries }: Done): Bytes {
    if (entries !== this.#entries.offered) {
      return this.#violate('done with another number of entries than were offered');
    }
    if (!this.#entries.areComplete) return this.#violate('done before all content');
    this.#done = true;
    return 0;
  }

  /** Nothing may be wrong. */
  #insist(wrong: string | undefined): Bytes {
    return wrong === undefined ? 0 : this.#violate(wrong);
  }

  #violate(reason: string): Bytes {
    this.#violation = reason;
    this.#fail();
    return 0;
  }

  #fail(): void {
    this.#state = 'failed';
    this.#entries.fail();
  }
}
