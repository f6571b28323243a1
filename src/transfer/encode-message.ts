import type { Bytes } from '../base/units.ts';
import {
  ABORT,
  CONTENT_PREFIX,
  DIGEST_LENGTH,
  DONE,
  END,
  ENTRY_KINDS,
  MAX_BODY,
  MAX_COMPONENT,
  MAX_COMPONENTS,
  MESSAGE_HEADER,
  MESSAGE_TYPE,
  MISSING,
  OFFER,
  OFFER_FLAG,
  PREFIX,
  RECEIPT,
  SHA_256,
  VERDICT,
  VERDICTS,
} from './message-layout.ts';
import type { Abort, Content, Done, End, Missing, Offer, Prefix, Receipt, Verdict } from './messages.ts';
import { cutText } from './text.ts';

/** Whether the limits of a message allow this path and target; `encodeOffer` is for offers that fit. */
export function offerFits(offer: Pick<Offer, 'path' | 'target'>): boolean {
  const components = offer.path.length;
  return (
    components >= 1 &&
    components <= MAX_COMPONENTS &&
    offer.path.every(({ length }) => length >= 1 && length <= MAX_COMPONENT) &&
    offerLength(offer) <= MAX_BODY
  );
}

/** An OFFER that fits. Fields not given are zero on the wire. */
export function encodeOffer(offer: Offer): Uint8Array {
  const { message, body } = frame(MESSAGE_TYPE.offer, offerLength(offer));
  body.setUint32(OFFER.entry, offer.entry);
  body.setUint8(OFFER.kind, ENTRY_KINDS.indexOf(offer.entryKind));
  let flags = 0;
  if (offer.size !== undefined) flags |= OFFER_FLAG.size;
  if (offer.mtime !== undefined) flags |= OFFER_FLAG.mtime;
  if (offer.mode !== undefined) flags |= OFFER_FLAG.mode;
  if (offer.fresh) flags |= OFFER_FLAG.fresh;
  body.setUint8(OFFER.flags, flags);
  body.setBigUint64(OFFER.size, BigInt(offer.size ?? 0));
  body.setBigInt64(OFFER.mtime, BigInt(Math.floor(offer.mtime ?? 0))); // a file system may know fractions
  body.setUint16(OFFER.mode, offer.mode ?? 0);
  body.setUint8(OFFER.path, offer.path.length);
  let at = MESSAGE_HEADER + OFFER.path + 1;
  for (const component of offer.path) {
    message[at] = component.length;
    message.set(component, at + 1);
    at += 1 + component.length;
  }
  body.setUint16(at - MESSAGE_HEADER, offer.target.length);
  message.set(offer.target, at + 2);
  return message;
}

/** The 17 bytes before `count` (1..MAX_CONTENT) bytes of content, which then go to the stream as they are. */
export function encodeContentHeader(kind: Content['kind'], entry: number, offset: Bytes, count: Bytes): Uint8Array {
  const message = new Uint8Array(MESSAGE_HEADER + CONTENT_PREFIX);
  const view = new DataView(message.buffer);
  view.setUint8(0, MESSAGE_TYPE[kind]);
  view.setUint32(1, CONTENT_PREFIX + count);
  view.setUint32(5, entry);
  view.setBigUint64(9, BigInt(offset));
  return message;
}

/** An END: the content is complete. */
export function encodeEnd(end: End): Uint8Array {
  const { message, body } = frame(MESSAGE_TYPE.end, END.length);
  body.setUint32(END.entry, end.entry);
  body.setBigUint64(END.size, BigInt(end.size));
  body.setUint8(END.algorithm, SHA_256);
  setDigest(message, END.digest, end.digest);
  return message;
}

/** An ABORT; its text is cut to MAX_TEXT. */
export function encodeAbort(abort: Abort): Uint8Array {
  const { message, body } = frameWithText(MESSAGE_TYPE.abort, ABORT.text, abort.text);
  body.setUint32(ABORT.entry, abort.entry);
  body.setUint16(ABORT.code, abort.code);
  return message;
}

/** A PREFIX: 1 to MAX_PREFIX_CHUNKS digests. */
export function encodePrefix({ entry, offset, digests }: Prefix): Uint8Array {
  const { message, body } = frame(MESSAGE_TYPE.prefix, PREFIX.digests + digests.length * DIGEST_LENGTH);
  body.setUint32(PREFIX.entry, entry);
  body.setBigUint64(PREFIX.offset, BigInt(offset));
  body.setUint16(PREFIX.count, digests.length);
  for (const [i, digest] of digests.entries()) setDigest(message, PREFIX.digests + i * DIGEST_LENGTH, digest);
  return message;
}

/** A MISSING: 1 to MAX_PREFIX_CHUNKS bits. */
export function encodeMissing({ entry, offset, isMissing }: Missing): Uint8Array {
  const { message, body } = frame(MESSAGE_TYPE.missing, MISSING.bits + Math.ceil(isMissing.length / 8));
  body.setUint32(MISSING.entry, entry);
  body.setBigUint64(MISSING.offset, BigInt(offset));
  body.setUint16(MISSING.count, isMissing.length);
  for (const [i, bit] of isMissing.entries()) {
    const at = MISSING.bits + (i >> 3);
    if (bit) body.setUint8(at, body.getUint8(at) | (0x80 >> (i & 7)));
  }
  return message;
}

/** A DONE: nothing follows it. */
export function encodeDone(done: Done): Uint8Array {
  const { message, body } = frame(MESSAGE_TYPE.done, DONE.length);
  body.setUint32(DONE.entries, done.entries);
  return message;
}

/** A VERDICT; its text is cut to MAX_TEXT. */
export function encodeVerdict(verdict: Verdict): Uint8Array {
  const { message, body } = frameWithText(MESSAGE_TYPE.verdict, VERDICT.text, verdict.text);
  body.setUint32(VERDICT.entry, verdict.entry);
  body.setUint8(VERDICT.verdict, VERDICTS.indexOf(verdict.verdict));
  body.setUint16(VERDICT.code, verdict.code);
  body.setBigUint64(VERDICT.offset, BigInt(verdict.offset));
  return message;
}

/** A RECEIPT; its text is cut to MAX_TEXT, a digest that is not known may be empty. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const { message, body } = frameWithText(MESSAGE_TYPE.receipt, RECEIPT.text, receipt.text);
  body.setUint32(RECEIPT.entry, receipt.entry);
  body.setUint16(RECEIPT.code, receipt.code);
  body.setBigUint64(RECEIPT.size, BigInt(receipt.size));
  setDigest(message, RECEIPT.digest, receipt.digest);
  return message;
}

function offerLength(offer: Pick<Offer, 'path' | 'target'>): Bytes {
  const path = offer.path.reduce((sum, component) => sum + 1 + component.length, 1);
  return OFFER.path + path + 2 + offer.target.length;
}

function frame(type: number, length: Bytes): { message: Uint8Array; body: DataView } {
  const message = new Uint8Array(MESSAGE_HEADER + length);
  const header = new DataView(message.buffer);
  header.setUint8(0, type);
  header.setUint32(1, length);
  return { message, body: new DataView(message.buffer, MESSAGE_HEADER) };
}

/** Every text ends its message: its length at `at` in the body, then the text. */
function frameWithText(type: number, at: number, text: Uint8Array): { message: Uint8Array; body: DataView } {
  const cut = cutText(text);
  const framed = frame(type, at + 2 + cut.length);
  framed.body.setUint16(at, cut.length);
  framed.message.set(cut, MESSAGE_HEADER + at + 2);
  return framed;
}

function setDigest(message: Uint8Array, at: number, digest: Uint8Array): void {
  message.set(digest.subarray(0, DIGEST_LENGTH), MESSAGE_HEADER + at);
}
