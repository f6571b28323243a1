import type { Bytes } from '../base/units.ts';
import { carriesContent, checkHeader, decodeBody, readUint53 } from './decode-message.ts';
import { CONTENT_PREFIX, MAX_BODY, MESSAGE_HEADER, MESSAGE_TYPE } from './message-layout.ts';
import type { Content, IncomingMessage, MalformedMessage } from './messages.ts';

/**
 * Cuts a byte stream, pushed in slices of any size, into messages. Content comes as views of what was pushed, in as
 * many pieces as it was pushed; only the other messages are gathered, so memory is bounded by one of them.
 */
export class MessageReader {
  readonly #slices: Uint8Array[] = [];
  /** Bytes of the first slice already read. */
  #at = 0;
  /** The header and body being gathered. */
  readonly #gathered = new Uint8Array(MESSAGE_HEADER + MAX_BODY);
  readonly #view = new DataView(this.#gathered.buffer);
  #filled: Bytes = 0;
  #wanted: Bytes = MESSAGE_HEADER;
  #content = { kind: 'content' as Content['kind'], entry: 0, offset: 0 as Bytes, left: 0 as Bytes };
  #malformed: MalformedMessage | undefined;

  /** The stream may end here: everything pushed was read and no message is half read. */
  get atBoundary(): boolean {
    return this.#slices.length === 0 && this.#filled === 0 && this.#content.left === 0;
  }

  /** The next slice of the stream, the reader's from now on. */
  push(bytes: Uint8Array): void {
    if (this.#malformed === undefined && bytes.length > 0) this.#slices.push(bytes);
  }

  /** The next message; undefined: more bytes are needed. After a malformed one nothing comes any more. */
  poll(): IncomingMessage | undefined {
    for (let slice = this.#slices[0]; slice !== undefined; slice = this.#slices[0]) {
      if (this.#content.left > 0) return this.#takeContent(slice);
      this.#gather(slice);
      if (this.#filled < this.#wanted) continue;
      const message = this.#judge();
      if (message?.kind === 'malformed') {
        this.#malformed = message;
        this.#slices.length = 0;
      }
      if (message !== undefined) return message;
    }
    return undefined;
  }

  /** What was gathered is a header, a header and a whole body, or a header and the prefix of content. */
  #judge(): IncomingMessage | undefined {
    const type = this.#view.getUint8(0);
    const length = this.#view.getUint32(1);
    if (this.#wanted === MESSAGE_HEADER) {
      this.#wanted += carriesContent(type) ? CONTENT_PREFIX : length;
      return checkHeader(type, length);
    }
    this.#filled = 0;
    this.#wanted = MESSAGE_HEADER;
    if (!carriesContent(type)) {
      return decodeBody(type, this.#gathered.subarray(MESSAGE_HEADER, MESSAGE_HEADER + length));
    }
    const offset = readUint53(this.#view, 9);
    const left = length - CONTENT_PREFIX;
    if (offset === undefined || !Number.isSafeInteger(offset + left)) return { kind: 'malformed', reason: 'field' };
    const kind = type === MESSAGE_TYPE.early ? 'early' : 'content';
    this.#content = { kind, entry: this.#view.getUint32(5), offset, left };
    return undefined;
  }

  #gather(slice: Uint8Array): void {
    const part = slice.subarray(this.#at, this.#at + this.#wanted - this.#filled);
    this.#gathered.set(part, this.#filled);
    this.#filled += part.length;
    this.#advance(slice, part.length);
  }

  #takeContent(slice: Uint8Array): Content {
    const { kind, entry, offset, left } = this.#content;
    const bytes = slice.subarray(this.#at, this.#at + left);
    this.#content.offset += bytes.length;
    this.#content.left -= bytes.length;
    this.#advance(slice, bytes.length);
    return { kind, entry, offset, bytes };
  }

  #advance(slice: Uint8Array, count: Bytes): void {
    this.#at += count;
    if (this.#at < slice.length) return;
    this.#slices.shift();
    this.#at = 0;
  }
}
