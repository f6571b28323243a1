/** Message types on the stream (PROTOCOL.md, section "Transfer messages"). */
export const MESSAGE_TYPE = {
  offer: 0x01,
  content: 0x02,
  end: 0x03,
  abort: 0x04,
  done: 0x05,
  prefix: 0x06,
  early: 0x07,
  verdict: 0x11,
  receipt: 0x12,
  missing: 0x13,
  pipe: 0x20,
} as const;

/** Every message begins with its type (1 byte) and the length of its body (4 bytes). */
export const MESSAGE_HEADER = 5;
/** The body of content, early or not, begins with the entry (4 bytes) and the offset (8 bytes). */
export const CONTENT_PREFIX = 12;
/** The most file bytes in one content message. */
export const MAX_CONTENT = 1_048_576;
/** The most bytes of the first file that may go out before its verdict is known. */
export const MAX_EARLY = 262_144;
/** The longest body of every other message. */
export const MAX_BODY = 4_096;
/** Length of a SHA-256 digest. */
export const DIGEST_LENGTH = 32;
/** What a resumed file is compared by: its prefix is cut into chunks of so many bytes. */
export const PREFIX_CHUNK = 1_048_576;
/** The most chunks that one PREFIX tells of. */
export const MAX_PREFIX_CHUNKS = 64;
/** The most PREFIXes that may wait for their answers. */
export const MAX_UNANSWERED_PREFIXES = 16;
/** The most offers that may wait for their verdicts. */
export const MAX_UNANSWERED = 256;
/** The digest algorithm of an END: SHA-256, the only one so far. */
export const SHA_256 = 1;

/** Where the fields of a body are; what has no fixed place follows the last one. */
export const OFFER = { entry: 0, kind: 4, flags: 5, size: 6, mtime: 14, mode: 22, path: 24 } as const;
export const OFFER_FLAG = { size: 1, mtime: 2, mode: 4, fresh: 8 } as const;
/** A kind's place is its number on the wire. */
export const ENTRY_KINDS = ['file', 'directory', 'link'] as const;
export const MAX_COMPONENTS = 64;
export const MAX_COMPONENT = 255;
export const END = { entry: 0, size: 4, algorithm: 12, digest: 13, length: 45 } as const;
export const ABORT = { entry: 0, code: 4, text: 6 } as const;
export const PREFIX = { entry: 0, offset: 4, count: 12, digests: 14 } as const;
export const DONE = { entries: 0, length: 4 } as const;
export const VERDICT = { entry: 0, verdict: 4, code: 5, offset: 7, text: 15 } as const;
/** A verdict's place is its number on the wire. */
export const VERDICTS = ['accept', 'skip', 'refuse', 'compare'] as const;
export const RECEIPT = { entry: 0, code: 4, size: 6, digest: 14, text: 46 } as const;
/** The chunks' bits follow: the first chunk is the most significant bit of the first byte. */
export const MISSING = { entry: 0, offset: 4, count: 12, bits: 14 } as const;
