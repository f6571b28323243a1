import type { Bytes } from '../base/units.ts';
import { TRANSFER_CODE } from './codes.ts';
import type { Missing, Receipt } from './messages.ts';
import { type EntryOutcome, equalBytes, failedOutcome, type Had } from './outcome.ts';
import type { Closing } from './outgoing-content.ts';
import { cutText } from './text.ts';

/** An entry whose receipt is due, and what that must confirm. */
interface Awaited {
  /** Its place in the list of entries. */
  readonly index: number;
  readonly had: Had;
  readonly closing: Closing;
}

/** What a receipt says of an entry, or how it breaks the rules. */
type Read = { readonly index: number; readonly outcome: EntryOutcome } | { readonly wrong: string };

/** The entries that were sent and wait for their receipts. */
export class AwaitedReceipts {
  readonly #awaited = new Map<number, Awaited>();
  #bytes: Bytes = 0;

  get count(): number {
    return this.#awaited.size;
  }

  /** Of entries that were sent whole: the receiver's disk may be busy with all of that. */
  get bytes(): Bytes {
    return this.#bytes;
  }

  add(entry: number, awaited: Awaited): void {
    this.#awaited.set(entry, awaited);
    if (awaited.closing.kind === 'ended') this.#bytes += awaited.closing.size;
  }

  /** Takes an answer to digests of an entry that was aborted meanwhile; undefined: the entry is none of these. */
  takeMissing(answer: Missing): { readonly isDue: boolean } | undefined {
    const closing = this.#awaited.get(answer.entry)?.closing;
    return closing?.kind === 'aborted' ? { isDue: closing.open.answer(answer) } : undefined;
  }

  take(receipt: Receipt): Read {
    const awaited = this.#awaited.get(receipt.entry);
    if (awaited === undefined) return { wrong: 'receipt for an entry that waits for none' };
    this.#awaited.delete(receipt.entry);
    if (awaited.closing.kind === 'ended') this.#bytes -= awaited.closing.size;
    const read = outcomeOf(receipt, awaited);
    return typeof read === 'string' ? { wrong: read } : { index: awaited.index, outcome: read };
  }

  clear(): void {
    this.#awaited.clear();
  }
}

/** The outcome that a receipt confirms, or what is wrong with it. */
function outcomeOf({ code, size, digest, text }: Receipt, { had, closing }: Awaited): EntryOutcome | string {
  if (closing.kind === 'aborted') {
    if (code !== closing.code) return 'receipt does not repeat the code of the abort';
    if (closing.open.count > 0) return 'receipt before the answer to a prefix';
    return failedOutcome(code, closing.text);
  }
  if (code !== TRANSFER_CODE.ok) return failedOutcome(code, cutText(text), closing.size);
  if (size !== closing.size || !equalBytes(digest, closing.digest)) {
    return 'receipt confirms other content than was sent';
  }
  return { ...had, status: 'stored', code, text: cutText(text), size, digest: closing.digest };
}
