import type { Bytes } from '../base/units.ts';
import {
  ABORT,
  CONTENT_PREFIX,
  DIGEST_LENGTH,
  DONE,
  END,
  ENTRY_KINDS,
  MAX_BODY,
  MAX_COMPONENTS,
  MAX_CONTENT,
  MAX_EARLY,
  MAX_PREFIX_CHUNKS,
  MESSAGE_TYPE,
  MISSING,
  OFFER,
  OFFER_FLAG,
  PREFIX,
  PREFIX_CHUNK,
  RECEIPT,
  SHA_256,
  VERDICT,
  VERDICTS,
} from './message-layout.ts';
import type {
  Abort,
  ControlMessage,
  Done,
  End,
  MalformedMessage,
  Missing,
  Offer,
  Prefix,
  Receipt,
  Verdict,
} from './messages.ts';

const KNOWN_FLAGS = OFFER_FLAG.size | OFFER_FLAG.mtime | OFFER_FLAG.mode | OFFER_FLAG.fresh;
const NOTHING = new Uint8Array(0);
const BAD_LENGTH: MalformedMessage = { kind: 'malformed', reason: 'length' };
const BAD_TYPE = { kind: 'malformed', reason: 'type' } as const;
const PIPE = { kind: 'malformed', reason: 'pipe' } as const;
const BAD_FIELD: MalformedMessage = { kind: 'malformed', reason: 'field' };

type Decoder = (body: Uint8Array, view: DataView) => ControlMessage | MalformedMessage;
const DECODERS = new Map<number, { readonly shortest: number; readonly decode: Decoder }>([
  [MESSAGE_TYPE.offer, { shortest: OFFER.path + 1 + 2 + 2, decode: decodeOffer }], // one component of one byte
  [MESSAGE_TYPE.end, { shortest: END.length, decode: decodeEnd }],
  [MESSAGE_TYPE.abort, { shortest: ABORT.text + 2, decode: decodeAbort }],
  [MESSAGE_TYPE.prefix, { shortest: PREFIX.digests + DIGEST_LENGTH, decode: decodePrefix }],
  [MESSAGE_TYPE.done, { shortest: DONE.length, decode: decodeDone }],
  [MESSAGE_TYPE.verdict, { shortest: VERDICT.text + 2, decode: decodeVerdict }],
  [MESSAGE_TYPE.receipt, { shortest: RECEIPT.text + 2, decode: decodeReceipt }],
  [MESSAGE_TYPE.missing, { shortest: MISSING.bits + 1, decode: decodeMissing }],
]);

/** The most bytes in a message of the types that carry content. */
const CONTENT_LIMITS = new Map<number, Bytes>([
  [MESSAGE_TYPE.content, MAX_CONTENT],
  [MESSAGE_TYPE.early, MAX_EARLY],
]);

/** Whether messages of this type have content behind a few fields: only these are gathered. */
export const carriesContent = (type: number): boolean => CONTENT_LIMITS.has(type);

/** Judges a header alone, so that nothing is gathered for a body that cannot be; undefined: the body may follow. */
export function checkHeader(type: number, length: number): MalformedMessage | undefined {
  const most = CONTENT_LIMITS.get(type);
  if (most !== undefined) {
    return length > CONTENT_PREFIX && length <= CONTENT_PREFIX + most ? undefined : BAD_LENGTH;
  }
  const decoder = DECODERS.get(type);
  if (decoder === undefined) return type === MESSAGE_TYPE.pipe && length === 0 ? PIPE : BAD_TYPE;
  return length >= decoder.shortest && length <= MAX_BODY ? undefined : BAD_LENGTH;
}

/**
 * Any body of any type but content: the message, whose byte fields are copies, or what is wrong. Never throws. A view of
 * few bytes would hold all of the memory they are in, and be larger than they are.
 */
export function decodeBody(type: number, body: Uint8Array): ControlMessage | MalformedMessage {
  const decoder = DECODERS.get(type);
  if (decoder === undefined) return BAD_TYPE;
  if (body.length < decoder.shortest || body.length > MAX_BODY) return BAD_LENGTH;
  return decoder.decode(body, new DataView(body.buffer, body.byteOffset, body.length));
}

/** An unsigned 64-bit integer of at most 2^53 - 1; undefined: larger. */
export function readUint53(view: DataView, at: number): number | undefined {
  const value = Number(view.getBigUint64(at)); // rounding never turns 2^53 or more into less
  return Number.isSafeInteger(value) ? value : undefined;
}

function decodeOffer(body: Uint8Array, view: DataView): Offer | MalformedMessage {
  const entryKind = ENTRY_KINDS[view.getUint8(OFFER.kind)];
  const flags = view.getUint8(OFFER.flags);
  const size = flags & OFFER_FLAG.size ? readUint53(view, OFFER.size) : 0;
  const mtime = flags & OFFER_FLAG.mtime ? Number(view.getBigInt64(OFFER.mtime)) : 0;
  if (entryKind === undefined || (flags & ~KNOWN_FLAGS) !== 0) return BAD_FIELD;
  if (size === undefined || !Number.isSafeInteger(mtime)) return BAD_FIELD;
  const path = decodePath(body);
  if (path.kind === 'malformed') return path;
  const target = decodeTail(body, view, path.end);
  if (target === undefined) return BAD_LENGTH;
  if (target.length > 0 && entryKind !== 'link') return BAD_FIELD;
  return {
    kind: 'offer',
    entry: view.getUint32(OFFER.entry),
    entryKind,
    size: flags & OFFER_FLAG.size ? size : undefined,
    mtime: flags & OFFER_FLAG.mtime ? mtime : undefined,
    mode: flags & OFFER_FLAG.mode ? view.getUint16(OFFER.mode) : undefined,
    fresh: (flags & OFFER_FLAG.fresh) !== 0,
    path: path.components,
    target,
  };
}

type Path = { readonly kind: 'path'; readonly components: Uint8Array[]; readonly end: number };

function decodePath(body: Uint8Array): Path | MalformedMessage {
  const count = body[OFFER.path] ?? 0;
  if (count === 0 || count > MAX_COMPONENTS) return BAD_FIELD;
  const components: Uint8Array[] = [];
  let at = OFFER.path + 1;
  while (components.length < count) {
    const length = body[at];
    if (length === 0) return BAD_FIELD;
    if (length === undefined || at + 1 + length > body.length) return BAD_LENGTH;
    components.push(body.slice(at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { kind: 'path', components, end: at };
}

function decodeEnd(body: Uint8Array, view: DataView): End | MalformedMessage {
  if (body.length !== END.length) return BAD_LENGTH;
  const size = readUint53(view, END.size);
  if (size === undefined || view.getUint8(END.algorithm) !== SHA_256) return BAD_FIELD;
  return { kind: 'end', entry: view.getUint32(END.entry), size, digest: digestAt(body, END.digest) };
}

function decodeAbort(body: Uint8Array, view: DataView): Abort | MalformedMessage {
  const text = decodeTail(body, view, ABORT.text);
  if (text === undefined) return BAD_LENGTH;
  const code = view.getUint16(ABORT.code);
  if (code === 0) return BAD_FIELD; // an abort is never "OK": its receipt repeats the code
  return { kind: 'abort', entry: view.getUint32(ABORT.entry), code, text };
}

function decodePrefix(body: Uint8Array, view: DataView): Prefix | MalformedMessage {
  const chunks = decodeChunks(view, PREFIX.offset, PREFIX.count);
  if (chunks === undefined) return BAD_FIELD;
  if (body.length !== PREFIX.digests + chunks.count * DIGEST_LENGTH) return BAD_LENGTH;
  const digests = Array.from({ length: chunks.count }, (_, i) => digestAt(body, PREFIX.digests + i * DIGEST_LENGTH));
  return { kind: 'prefix', entry: view.getUint32(PREFIX.entry), offset: chunks.offset, digests };
}

function decodeMissing(body: Uint8Array, view: DataView): Missing | MalformedMessage {
  const chunks = decodeChunks(view, MISSING.offset, MISSING.count);
  if (chunks === undefined) return BAD_FIELD;
  const { offset, count } = chunks;
  if (body.length !== MISSING.bits + Math.ceil(count / 8)) return BAD_LENGTH;
  const bitAt = (i: number): boolean => (((body[MISSING.bits + (i >> 3)] ?? 0) << (i & 7)) & 0x80) !== 0;
  for (let spare = count; spare & 7; spare++) if (bitAt(spare)) return BAD_FIELD;
  return {
    kind: 'missing',
    entry: view.getUint32(MISSING.entry),
    offset,
    isMissing: Array.from({ length: count }, (_, i) => bitAt(i)),
  };
}

/** A run of chunks that ends within the largest file; undefined: there is none such. */
function decodeChunks(view: DataView, offsetAt: number, countAt: number): { offset: Bytes; count: number } | undefined {
  const offset = readUint53(view, offsetAt);
  const count = view.getUint16(countAt);
  if (offset === undefined || offset % PREFIX_CHUNK !== 0 || count === 0 || count > MAX_PREFIX_CHUNKS) return undefined;
  return Number.isSafeInteger(offset + count * PREFIX_CHUNK) ? { offset, count } : undefined;
}

function decodeDone(body: Uint8Array, view: DataView): Done | MalformedMessage {
  if (body.length !== DONE.length) return BAD_LENGTH;
  return { kind: 'done', entries: view.getUint32(DONE.entries) };
}

function decodeVerdict(body: Uint8Array, view: DataView): Verdict | MalformedMessage {
  const text = decodeTail(body, view, VERDICT.text);
  if (text === undefined) return BAD_LENGTH;
  const verdict = VERDICTS[view.getUint8(VERDICT.verdict)];
  const offset = readUint53(view, VERDICT.offset);
  if (verdict === undefined || offset === undefined) return BAD_FIELD;
  const code = view.getUint16(VERDICT.code);
  return { kind: 'verdict', entry: view.getUint32(VERDICT.entry), verdict, code, offset, text };
}

function decodeReceipt(body: Uint8Array, view: DataView): Receipt | MalformedMessage {
  const text = decodeTail(body, view, RECEIPT.text);
  if (text === undefined) return BAD_LENGTH;
  const size = readUint53(view, RECEIPT.size);
  if (size === undefined) return BAD_FIELD;
  const digest = digestAt(body, RECEIPT.digest);
  const code = view.getUint16(RECEIPT.code);
  return { kind: 'receipt', entry: view.getUint32(RECEIPT.entry), code, size, digest, text };
}

const digestAt = (body: Uint8Array, at: number): Uint8Array => body.slice(at, at + DIGEST_LENGTH);

/** The bytes that end a body, after their length at `at`; undefined: they do not end exactly with the body. */
function decodeTail(body: Uint8Array, view: DataView, at: number): Uint8Array | undefined {
  if (at + 2 > body.length) return undefined;
  const length = body.length - at - 2;
  if (view.getUint16(at) !== length) return undefined;
  return length === 0 ? NOTHING : body.slice(at + 2);
}
