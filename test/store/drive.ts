import { createHash } from 'node:crypto';
import { TRANSFER_CODE } from '../../src/transfer/codes.ts';
import type { Offer, Receipt, Verdict } from '../../src/transfer/messages.ts';
import type { OutgoingEntry, Owner, Sink, SourcePiece, Store, Wanted } from '../../src/transfer/ports.ts';

const encoder = new TextEncoder();

export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());
export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The name of a transfer code, for assertions that read well. */
export const codeName = (code: number): string =>
  Object.entries(TRANSFER_CODE).find(([, number]) => number === code)?.[0] ?? `code ${code}`;

export function offerOf(name: string | Uint8Array, fields: Partial<Offer> = {}): Offer {
  const component = typeof name === 'string' ? encoder.encode(name) : name;
  return {
    kind: 'offer',
    entry: 0,
    entryKind: 'file',
    size: undefined,
    mtime: undefined,
    mode: undefined,
    fresh: false,
    path: [component],
    target: new Uint8Array(0),
    ...fields,
  };
}

/** Waits the way a transfer does: it looks again only when it was woken. */
export class Waiter {
  #wakes = 0;
  #letGo: (() => void) | undefined;

  readonly wake = (): void => {
    this.#wakes++;
    this.#letGo?.();
  };

  /** Resolves at the next wake. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#letGo = resolve;
    });
  }

  async until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const wakes = this.#wakes;
      const seen = look();
      if (seen !== undefined) return seen;
      if (wakes === this.#wakes) await this.next();
    }
  }
}

/** A sender that is there, and that nobody replaces. */
export const SOMEBODY: Owner = { heardAt: 0, ping: () => {}, replace: () => {} };
/** All of a file. */
export const ALL: Wanted = { kind: 'content', from: 0 };

/** One entry as a transfer drives it. */
export class Entry {
  readonly sink: Sink;
  readonly waiter = new Waiter();
  #written = 0;
  /** Where the next content belongs. */
  #position = 0;

  constructor(store: Store, offer: Offer, owner: Owner = SOMEBODY) {
    this.sink = store.open(offer, this.waiter.wake, owner);
  }

  async verdict(): Promise<Omit<Verdict, 'kind' | 'entry'>> {
    const verdict = await this.waiter.until(() => this.sink.verdict());
    this.#position = verdict.offset;
    return verdict;
  }

  /** Writes what comes next, in slices of the given sizes, over and over. */
  write(content: Uint8Array, slices: readonly number[] = [65_536]): void {
    this.writeAt(this.#position, content, slices);
    this.#position += content.length;
  }

  /** Writes content that belongs elsewhere. */
  writeAt(offset: number, content: Uint8Array, slices: readonly number[] = [65_536]): void {
    for (let at = 0, index = 0; at < content.length; index++) {
      const size = slices[index % slices.length] ?? 1;
      this.sink.write(content.slice(at, at + size), offset + at);
      at += size;
    }
    this.#written += content.length;
  }

  allTaken(): Promise<true> {
    return this.waiter.until(() => (this.sink.taken() === this.#written ? true : undefined));
  }

  async end(content: Uint8Array): Promise<Omit<Receipt, 'kind' | 'entry'>> {
    this.sink.end(content.length, sha256(content));
    return this.receipt();
  }

  receipt(): Promise<Omit<Receipt, 'kind' | 'entry'>> {
    return this.waiter.until(() => this.sink.receipt());
  }
}

/** From offer to receipt: the code's name and the text of the verdict that refused it, or of the receipt. */
export async function store(
  into: Store,
  offer: Offer,
  content: Uint8Array,
  slices?: readonly number[],
): Promise<{ code: string; text: string }> {
  const entry = new Entry(into, offer);
  const verdict = await entry.verdict();
  if (verdict.verdict !== 'accept')
    return { code: `${verdict.verdict} ${codeName(verdict.code)}`, text: text(verdict.text) };
  entry.write(content, slices);
  const receipt = await entry.end(content);
  return { code: codeName(receipt.code), text: text(receipt.text) };
}

/** Everything a source gives: its bytes joined, and the piece that ended it. */
export async function drain(open: OutgoingEntry['open'], onPiece: (total: number) => Promise<void> | void = () => {}) {
  const waiter = new Waiter();
  const source = open(ALL, waiter.wake);
  const pieces: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const piece: SourcePiece = await waiter.until(() => source.poll());
    if (piece.kind !== 'bytes') return { bytes: Buffer.concat(pieces), pieces, last: piece };
    pieces.push(piece.bytes);
    total += piece.bytes.length;
    await onPiece(total);
  }
}
