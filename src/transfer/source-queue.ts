import type { Bytes } from '../base/units.ts';
import type { ByteStream } from '../session/byte-stream.ts';
import type { Verdict } from './messages.ts';
import { OutgoingContent } from './outgoing-content.ts';
import type { OutgoingEntry, Wanted } from './ports.ts';

/** Sources open at once: the one being sent and the next ones, so that opening them costs no waiting. */
const MAX_OPEN = 4;
/** The same of small ones: reading them takes several trips to the disk each. They hold all of their content, which is so little. */
const MAX_OPEN_SMALL = 32;
const SMALL: Bytes = 16 * 1024;

/** An accepted entry until the end of its content. */
export interface Sending {
  readonly entry: number;
  /** Its place in the list of entries. */
  readonly index: number;
  readonly outgoing: OutgoingEntry;
  readonly offer: OutgoingEntry['offer'];
  readonly wanted: Wanted;
  /** Open once its turn is near, or before its verdict. */
  content: OutgoingContent | undefined;
}

/** The accepted entries in the order in which their content goes out; the sources of the first ones are open. */
export class SourceQueue {
  readonly #stream: ByteStream;
  readonly #wake: () => void;
  readonly #queue: Sending[] = [];
  /** The first entry while it has no verdict. */
  #early: OutgoingContent | undefined;
  /** So many of them, from the first on, are open, and so many of those are large. */
  #opened = 0;
  #openLarge = 0;

  /** `wake` is called when a source has something new. */
  constructor(stream: ByteStream, wake: () => void) {
    this.#stream = stream;
    this.#wake = wake;
  }

  /** The one that is being sent. */
  get first(): Sending | undefined {
    return this.#queue[0];
  }

  /** Opens an entry that has no verdict yet. */
  openEarly(offered: Pick<Sending, 'entry' | 'outgoing' | 'offer'>): void {
    this.#early = this.#open({ ...offered, wanted: { kind: 'content', from: 0 } });
  }

  /** Sends some of that entry; false: nothing is ready or allowed. */
  sendEarly(): boolean {
    return this.#early?.sendEarly() ?? false;
  }

  /** All of that entry was sent, and its end. */
  get isEarlyWhole(): boolean {
    return this.#early?.closing !== undefined;
  }

  /** Its verdict is known: gives it back if what was sent of it counts, or closes it. */
  takeEarly({ verdict, offset }: Pick<Verdict, 'verdict' | 'offset'>): OutgoingContent | undefined {
    const early = this.#early;
    this.#early = undefined;
    const isDigest = verdict === 'compare' && early?.closing !== undefined;
    if (isDigest || (verdict === 'accept' && offset === 0)) return early;
    early?.close();
    return undefined;
  }

  add(sending: Sending): void {
    this.#queue.push(sending);
    this.#openNear();
  }

  /** The content of the first one has ended. */
  shift(): void {
    const ended = this.#queue.shift();
    if (ended === undefined) return;
    this.#opened--;
    if (isLarge(ended)) this.#openLarge--;
    this.#openNear();
  }

  close(): void {
    this.#early?.close();
    this.#early = undefined;
    for (const { content } of this.#queue) content?.close();
    this.#queue.length = 0;
    this.#opened = 0;
    this.#openLarge = 0;
  }

  #open({ entry, offer, outgoing, wanted }: Omit<Sending, 'index' | 'content'>): OutgoingContent {
    return new OutgoingContent(entry, offer.size, outgoing, wanted, this.#stream, this.#wake);
  }

  #openNear(): void {
    while (this.#opened < MAX_OPEN_SMALL && this.#openLarge < MAX_OPEN) {
      const next = this.#queue[this.#opened];
      if (next === undefined) return;
      next.content ??= this.#open(next);
      this.#opened++;
      if (isLarge(next)) this.#openLarge++;
    }
  }
}

const isLarge = ({ offer }: Sending): boolean => (offer.size ?? Infinity) > SMALL;
