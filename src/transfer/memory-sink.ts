import type { Bytes } from '../base/units.ts';
import { TRANSFER_CODE } from './codes.ts';
import { Delay } from './delay.ts';
import type { CreateDigest } from './digest.ts';
import { DigestedPart, type MemoryPart, WholePart } from './memory-part.ts';
import { PREFIX_CHUNK } from './message-layout.ts';
import type { Offer, Receipt, Verdict } from './messages.ts';
import { equalBytes } from './outcome.ts';
import type { Sink } from './ports.ts';
import { encodeText } from './text.ts';

/** What goes wrong with one entry. */
export type StoreFault =
  | { readonly kind: 'skip' | 'refuse'; readonly code: number }
  /** The disk fails once it has got so many bytes; with 0 at once. */
  | { readonly kind: 'fail'; readonly after: Bytes; readonly code: number };

export type MemoryStoreOptions = {
  /** False: keep only the digest, so that gigabytes need no memory. */
  readonly keepBytes?: boolean;
  readonly fault?: (offer: Offer) => StoreFault | undefined;
  /** Verdicts, writes and receipts take their time. */
  readonly delay?: Delay;
};

/** One published entry; `bytes` unless the store keeps only digests. */
export type Published = { readonly size: Bytes; readonly digest: Uint8Array; readonly bytes: Uint8Array | undefined };

/** What the sinks of a store share. */
export type Shelf = {
  readonly published: Map<string, Published>;
  readonly parts: Map<string, Uint8Array>;
  count(bytes: Bytes): void;
  leave(sink: MemorySink): void;
};

/** A path as text, one character per byte (Latin-1), components separated by '/'. */
export function nameOf(path: readonly Uint8Array[]): string {
  return path.map((component) => Array.from(component, (byte) => String.fromCharCode(byte)).join('')).join('/');
}

type Answer = Omit<Receipt, 'kind' | 'entry'>;

/** One entry on its way into a store in memory. */
export class MemorySink implements Sink {
  readonly #shelf: Shelf;
  readonly #offer: Offer;
  readonly #name: string;
  readonly #createDigest: CreateDigest;
  readonly #fault: StoreFault | undefined;
  readonly #keepBytes: boolean;
  readonly #delay: Delay;
  readonly #wake: () => void;
  readonly #opened: number;
  #verdict: Omit<Verdict, 'kind' | 'entry'> | undefined;
  /** What is published under the name, to be compared. */
  #existing: Published | undefined;
  /** Undefined: nothing was accepted, or it is published, kept or thrown away. */
  #part: MemoryPart | undefined;
  #taken: Bytes = 0;
  /** What the slow disk has not taken yet. */
  readonly #writing: { readonly due: number; readonly bytes: Uint8Array; readonly offset: Bytes }[] = [];
  readonly #comparing: { readonly due: number; readonly offset: Bytes; readonly digests: readonly Uint8Array[] }[] = [];
  #answer: Answer | undefined;
  #aborted = false;

  constructor(
    shelf: Shelf,
    offer: Offer,
    createDigest: CreateDigest,
    { keepBytes = true, fault, delay = new Delay() }: MemoryStoreOptions,
    wake: () => void,
  ) {
    this.#shelf = shelf;
    this.#offer = offer;
    this.#name = nameOf(offer.path);
    this.#createDigest = createDigest;
    this.#fault = fault?.(offer);
    this.#keepBytes = keepBytes;
    this.#delay = delay;
    this.#wake = wake;
    this.#opened = delay.start(wake);
  }

  verdict(): Omit<Verdict, 'kind' | 'entry'> | undefined {
    if (this.#delay.passed(this.#opened)) this.#verdict ??= this.#decide();
    return this.#verdict;
  }

  write(bytes: Uint8Array, offset: Bytes): void {
    this.#shelf.count(bytes.length);
    this.#writing.push({ due: this.#delay.start(this.#wake), bytes, offset });
  }

  compare(offset: Bytes, digests: readonly Uint8Array[]): void {
    this.#comparing.push({ due: this.#delay.start(this.#wake), offset, digests });
  }

  differing(): ReturnType<Sink['differing']> {
    const [first] = this.#comparing;
    if (first === undefined || !this.#delay.passed(first.due)) return undefined;
    this.#comparing.shift();
    const { offset, digests } = first;
    const own = (i: number): Uint8Array => this.#part?.digestOf(offset + i * PREFIX_CHUNK) ?? new Uint8Array(0);
    return { offset, isMissing: digests.map((digest, i) => !equalBytes(digest, own(i))) };
  }

  taken(): Bytes {
    for (let first = this.#writing[0]; first !== undefined && this.#delay.passed(first.due); first = this.#writing[0]) {
      this.#part?.write(first.bytes, first.offset);
      this.#taken += first.bytes.length;
      this.#writing.shift();
    }
    return this.#taken;
  }

  end(size: Bytes, digest: Uint8Array): void {
    const due = this.#delay.start(() => {
      this.#finish(size, digest);
      this.#wake();
    });
    if (this.#delay.passed(due)) this.#finish(size, digest);
  }

  receipt(): Answer | undefined {
    if (!this.#aborted) this.#answer ??= this.#fail();
    return this.#answer;
  }

  abort(): void {
    this.#aborted = true;
    this.taken();
    this.#writing.length = 0;
    const bytes = this.#part?.bytes;
    const { parts } = this.#shelf;
    if (bytes !== undefined && bytes.length >= PREFIX_CHUNK && !parts.has(this.#name)) parts.set(this.#name, bytes);
    this.#leave();
  }

  #decide(): Omit<Verdict, 'kind' | 'entry'> {
    const text = new Uint8Array(0);
    const fault = this.#fault;
    if (fault !== undefined && fault.kind !== 'fail') return { verdict: fault.kind, code: fault.code, offset: 0, text };
    this.#existing = this.#shelf.published.get(this.#name);
    if (this.#existing !== undefined) {
      if (this.#existing.size === this.#offer.size) return { verdict: 'compare', code: 0, offset: 0, text };
      return { verdict: 'refuse', code: TRANSFER_CODE.exists, offset: 0, text };
    }
    return { verdict: 'accept', code: TRANSFER_CODE.ok, offset: this.#begin(), text };
  }

  /** The offset to go on from. Nobody else has the part of an earlier time now. */
  #begin(): Bytes {
    const kept = this.#keepBytes ? this.#shelf.parts.get(this.#name) : undefined;
    const usable = Math.min(kept?.length ?? 0, this.#offer.size ?? 0);
    const offset = usable - (usable % PREFIX_CHUNK);
    if (kept !== undefined) this.#shelf.parts.delete(this.#name);
    if (!this.#keepBytes) this.#part = new DigestedPart(this.#createDigest);
    else this.#part = new WholePart(this.#createDigest, kept?.slice(0, offset));
    return offset;
  }

  #fail(): Answer | undefined {
    if (this.#fault?.kind !== 'fail' || this.taken() < this.#fault.after) return undefined;
    return { ...failed('the store failed'), code: this.#fault.code };
  }

  #finish(size: Bytes, digest: Uint8Array): void {
    if (this.#aborted) return;
    this.taken();
    this.#answer ??= this.#fail() ?? this.#judge(size, digest);
    this.#leave();
  }

  #judge(size: Bytes, expected: Uint8Array): Answer {
    if (this.#existing !== undefined) {
      if (!equalBytes(this.#existing.digest, expected))
        return { ...failed('the name exists'), code: TRANSFER_CODE.exists };
      return { code: TRANSFER_CODE.ok, size, digest: expected, text: encodeText('already there') };
    }
    const digest = this.#part?.digest() ?? new Uint8Array(0);
    if (size !== this.#part?.size || !equalBytes(digest, expected)) {
      return { ...failed('the content is not what was sent'), code: TRANSFER_CODE.digest };
    }
    if (this.#shelf.published.has(this.#name)) return { ...failed('the name exists'), code: TRANSFER_CODE.exists };
    this.#shelf.published.set(this.#name, { size, digest, bytes: this.#part.bytes });
    return { code: TRANSFER_CODE.ok, size, digest, text: new Uint8Array(0) };
  }

  #leave(): void {
    this.#part = undefined;
    this.#shelf.leave(this);
  }
}

const failed = (text: string): Omit<Answer, 'code'> => ({ size: 0, digest: new Uint8Array(0), text: encodeText(text) });
