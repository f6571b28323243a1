import type { Bytes } from '../base/units.ts';
import type { ByteStream } from '../session/byte-stream.ts';
import { OpenPrefixes, Repairs } from './chunks.ts';
import { TRANSFER_CODE } from './codes.ts';
import { encodeAbort, encodeContentHeader, encodeEnd, encodePrefix } from './encode-message.ts';
import { MAX_CONTENT, MAX_EARLY, MAX_UNANSWERED_PREFIXES, PREFIX_CHUNK } from './message-layout.ts';
import type { Content, Missing } from './messages.ts';
import type { OutgoingEntry, Source, SourcePiece, Wanted } from './ports.ts';
import { cutText, encodeText } from './text.ts';

/** What closed an entry, and what its receipt must confirm. */
export type Closing =
  | { readonly kind: 'ended'; readonly size: Bytes; readonly digest: Uint8Array }
  | { readonly kind: 'aborted'; readonly code: number; readonly text: Uint8Array; readonly open: OpenPrefixes };

/** What was written last: content, or what closed the entry. */
export type Sent = { readonly kind: 'content'; readonly bytes: Bytes } | Closing;

/** No more of it is sent early while so much waits to leave: it may be for nothing. */
const EARLY_AHEAD: Bytes = 65_536;
const NO_CONTENT: Sent = { kind: 'content', bytes: 0 };

/** The content of one accepted entry on its way to the stream: what goes beyond an offset, what is compared below it. */
export class OutgoingContent {
  readonly #entry: number;
  readonly #size: Bytes | undefined;
  readonly #source: Source;
  readonly #stream: ByteStream;
  readonly #from: Bytes;
  #position: Bytes;
  /** Where the next PREFIX begins. */
  #prefixed: Bytes = 0;
  readonly #open = new OpenPrefixes();
  readonly #repairs = new Repairs();
  /** Given by the source, and not to be sent early. */
  #kept: SourcePiece | undefined;
  #closing: Closing | undefined;

  /** `size` is the one that was offered. */
  constructor(
    entry: number,
    size: Bytes | undefined,
    outgoing: OutgoingEntry,
    wanted: Wanted,
    stream: ByteStream,
    wake: () => void,
  ) {
    this.#entry = entry;
    this.#size = size;
    this.#stream = stream;
    this.#from = wanted.kind === 'content' ? wanted.from : 0;
    this.#position = wanted.kind === 'content' ? wanted.from : (this.#size ?? 0);
    this.#source = outgoing.open(wanted, wake);
  }

  /** Content sent so far, or not to be sent at all: where the next begins. */
  get position(): Bytes {
    return this.#position;
  }

  /** What it was closed with before the verdict was known: all of it was sent; undefined: there is more to send. */
  get closing(): Closing | undefined {
    return this.#closing;
  }

  /** Sends the next piece before the verdict is known; false: nothing is ready, or no more may be sent. */
  sendEarly(): boolean {
    if (this.#closing !== undefined || this.#stream.unsent >= EARLY_AHEAD) return false;
    this.#kept ??= this.#source.poll();
    if (this.#kept?.kind === 'end') return this.#endEarly(this.#kept.size, this.#kept.digest);
    if (this.#kept?.kind !== 'bytes') return false;
    const { offset, bytes } = this.#kept;
    const end = offset + bytes.length;
    if (end > MAX_EARLY || end > (this.#size ?? 0)) return false;
    this.#kept = undefined;
    this.#position = end;
    this.#write('early', offset, bytes);
    return true;
  }

  /** Sends the next piece of the source; undefined: nothing is ready. After a closing nothing may be asked any more. */
  sendNext(): Sent | undefined {
    const piece = this.#kept ?? this.#source.poll();
    this.#kept = undefined;
    if (piece === undefined) return undefined;
    const sent = this.#send(piece);
    if (sent.kind !== 'content') this.close();
    return sent;
  }

  /** The receiver's answer; returns how many bytes are sent again, undefined: it does not answer the oldest prefix. */
  takeAnswer(answer: Missing): Bytes | undefined {
    if (!this.#open.answer(answer)) return undefined;
    const missing = this.#repairs.add(answer);
    this.#source.resend(answer.offset, answer.isMissing);
    return missing;
  }

  /** The receiver has digests that it owes an answer to. */
  get isWaiting(): boolean {
    return this.#open.count > 0;
  }

  close(): void {
    if (this.#closing === undefined) this.#source.close();
  }

  #send(piece: SourcePiece): Sent {
    switch (piece.kind) {
      case 'failed':
        return this.#abort(piece.code, piece.text);
      case 'prefix':
        return this.#sendPrefix(piece.offset, piece.digests);
      case 'bytes':
        return this.#sendBytes(piece.offset, piece.bytes);
      case 'end':
        return this.#end(piece.size, piece.digest);
    }
  }

  #sendPrefix(offset: Bytes, digests: readonly Uint8Array[]): Sent {
    const end = offset + digests.length * PREFIX_CHUNK;
    insist(offset === this.#prefixed && end <= this.#from, 'prefixes in order');
    insist(this.#open.count < MAX_UNANSWERED_PREFIXES, 'few prefixes at a time');
    this.#stream.write(encodePrefix({ kind: 'prefix', entry: this.#entry, offset, digests }));
    this.#prefixed = end;
    this.#open.add({ offset, count: digests.length });
    return NO_CONTENT;
  }

  #sendBytes(offset: Bytes, bytes: Uint8Array): Sent {
    if (offset === this.#position) {
      if (offset + bytes.length > (this.#size ?? Number.MAX_SAFE_INTEGER)) return this.#abortChanged();
      this.#position += bytes.length;
    } else {
      insist(this.#repairs.take(offset, bytes.length), 'content in order');
    }
    this.#write('content', offset, bytes);
    return { kind: 'content', bytes: bytes.length };
  }

  #write(kind: Content['kind'], offset: Bytes, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += MAX_CONTENT) {
      const part = bytes.subarray(at, at + MAX_CONTENT);
      this.#stream.write(encodeContentHeader(kind, this.#entry, offset + at, part.length));
      const isLast = at + part.length === bytes.length;
      this.#stream.write(part, isLast ? () => this.#source.reuse?.(bytes) : undefined);
    }
  }

  #end(size: Bytes, digest: Uint8Array): Sent {
    if (size !== this.#position || size !== (this.#size ?? size)) return this.#abortChanged();
    insist(this.#prefixed === this.#from && this.#open.count === 0, 'the end after every answer');
    insist(this.#repairs.isEmpty, 'the end after all that was missing');
    return this.#writeEnd(size, digest);
  }

  #writeEnd(size: Bytes, digest: Uint8Array): Closing {
    this.#stream.write(encodeEnd({ kind: 'end', entry: this.#entry, size, digest }));
    return { kind: 'ended', size, digest };
  }

  /** False: it is not what was offered, which is said once it is wanted. */
  #endEarly(size: Bytes, digest: Uint8Array): boolean {
    if (size !== this.#position || size !== this.#size) return false;
    this.close();
    this.#closing = this.#writeEnd(size, digest);
    return true;
  }

  #abortChanged(): Sent {
    return this.#abort(TRANSFER_CODE.sourceChanged, 'the file changed while it was sent');
  }

  #abort(sourceCode: number, words: string): Sent {
    const code = sourceCode === TRANSFER_CODE.ok ? TRANSFER_CODE.sourceUnreadable : sourceCode; // an abort is never OK
    const text = cutText(encodeText(words));
    this.#stream.write(encodeAbort({ kind: 'abort', entry: this.#entry, code, text }));
    return { kind: 'aborted', code, text, open: this.#open };
  }
}

/** Sources are ours: one that breaks its contract is a defect, and must not look like the peer's. */
function insist(holds: boolean, what: string): void {
  if (!holds) throw new Error(`a source gives ${what}`);
}
