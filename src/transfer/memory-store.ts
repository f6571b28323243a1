import type { Bytes } from '../base/units.ts';
import { TRANSFER_CODE } from './codes.ts';
import { Delay } from './delay.ts';
import type { CreateDigest, Digest } from './digest.ts';
import type { Offer, Receipt, Verdict } from './messages.ts';
import { equalBytes } from './outcome.ts';
import type { Sink, Store } from './ports.ts';
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

/** A store in memory, for simulations and tests: nothing is published before it was verified. */
export class MemoryStore implements Store {
  readonly #createDigest: CreateDigest;
  readonly #options: MemoryStoreOptions;
  readonly #published = new Map<string, Published>();

  constructor(createDigest: CreateDigest, options: MemoryStoreOptions = {}) {
    this.#createDigest = createDigest;
    this.#options = options;
  }

  /** By `nameOf` the offered path. */
  get published(): ReadonlyMap<string, Published> {
    return this.#published;
  }

  /** An entry whose name is published already is refused: EXISTS. */
  open(offer: Offer, wake: () => void): Sink {
    return new MemorySink(offer, this.#published, this.#createDigest(), this.#options, wake);
  }
}

/** A path as text, one character per byte (Latin-1), components separated by '/'. */
export function nameOf(path: readonly Uint8Array[]): string {
  return path.map((component) => Array.from(component, (byte) => String.fromCharCode(byte)).join('')).join('/');
}

type Answer = Omit<Receipt, 'kind' | 'entry'>;

class MemorySink implements Sink {
  readonly #name: string;
  readonly #published: Map<string, Published>;
  readonly #digest: Digest;
  readonly #fault: StoreFault | undefined;
  readonly #pieces: Uint8Array[] | undefined;
  readonly #delay: Delay;
  readonly #wake: () => void;
  readonly #opened: number;
  #written: Bytes = 0;
  #taken: Bytes = 0;
  /** Writes the slow disk has not taken yet. */
  readonly #writing: { readonly due: number; readonly upTo: Bytes }[] = [];
  #answer: Answer | undefined;
  #aborted = false;

  constructor(
    offer: Offer,
    published: Map<string, Published>,
    digest: Digest,
    { keepBytes = true, fault, delay = new Delay() }: MemoryStoreOptions,
    wake: () => void,
  ) {
    this.#name = nameOf(offer.path);
    this.#published = published;
    this.#digest = digest;
    this.#fault = fault?.(offer);
    this.#pieces = keepBytes ? [] : undefined;
    this.#delay = delay;
    this.#wake = wake;
    this.#opened = delay.start(wake);
  }

  verdict(): Omit<Verdict, 'kind' | 'entry'> | undefined {
    if (!this.#delay.passed(this.#opened)) return undefined;
    const text = new Uint8Array(0);
    const fault = this.#fault;
    if (fault !== undefined && fault.kind !== 'fail') return { verdict: fault.kind, code: fault.code, offset: 0, text };
    if (this.#published.has(this.#name)) return { verdict: 'refuse', code: TRANSFER_CODE.exists, offset: 0, text };
    return { verdict: 'accept', code: TRANSFER_CODE.ok, offset: 0, text };
  }

  write(bytes: Uint8Array): void {
    this.#digest.update(bytes);
    this.#pieces?.push(bytes.slice());
    this.#written += bytes.length;
    this.#writing.push({ due: this.#delay.start(this.#wake), upTo: this.#written });
  }

  compare(): void {}

  differing(): undefined {
    return undefined;
  }

  taken(): Bytes {
    for (let first = this.#writing[0]; first !== undefined && this.#delay.passed(first.due); first = this.#writing[0]) {
      this.#taken = first.upTo;
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
    if (this.#pieces !== undefined) this.#pieces.length = 0;
  }

  #fail(): Answer | undefined {
    if (this.#fault?.kind !== 'fail' || this.taken() < this.#fault.after) return undefined;
    return { ...failed('the store failed'), code: this.#fault.code };
  }

  #finish(size: Bytes, digest: Uint8Array): void {
    if (!this.#aborted) this.#answer ??= this.#fail() ?? this.#publish(size, digest);
  }

  #publish(size: Bytes, expected: Uint8Array): Answer {
    const digest = this.#digest.digest();
    if (size !== this.#written || !equalBytes(digest, expected)) {
      return { ...failed('the content is not what was sent'), code: TRANSFER_CODE.digest };
    }
    if (this.#published.has(this.#name)) return { ...failed('the name exists'), code: TRANSFER_CODE.exists };
    this.#published.set(this.#name, { size, digest, bytes: this.#pieces && join(this.#pieces, size) });
    return { code: TRANSFER_CODE.ok, size, digest, text: new Uint8Array(0) };
  }
}

const failed = (text: string): Omit<Answer, 'code'> => ({ size: 0, digest: new Uint8Array(0), text: encodeText(text) });

function join(pieces: readonly Uint8Array[], size: Bytes): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
