import type { Abort, Done, End, Missing, Offer, Prefix, Receipt, Verdict } from '../../src/transfer/messages.ts';
import type { Owner, Wanted } from '../../src/transfer/ports.ts';
import { noise, sha256, utf8 } from './bytes.ts';
import type { SentMessage } from './codec.ts';

// What a script of a transfer says, with the usual values filled in: every file is the same 100 bytes.

const NOTHING = new Uint8Array(0);
export const CONTENT = noise(100);

export const offer = (entry: number, size: number | undefined = CONTENT.length): Offer => ({
  kind: 'offer',
  entry,
  entryKind: 'file',
  size,
  mtime: undefined,
  mode: undefined,
  fresh: false,
  path: [utf8(`${entry}`)],
  target: NOTHING,
});
export const offers = (count: number): Offer[] => Array.from({ length: count }, (_, entry) => offer(entry));
export const content = (entry: number, offset = 0, bytes = CONTENT): SentMessage => ({
  kind: 'content',
  entry,
  offset,
  bytes,
});
export const end = (entry: number, bytes = CONTENT, digest = sha256(bytes)): End => ({
  kind: 'end',
  entry,
  size: bytes.length,
  digest,
});
export const abort = (entry: number, code = 8): Abort => ({ kind: 'abort', entry, code, text: NOTHING });
export const done = (entries: number): Done => ({ kind: 'done', entries });
export const verdict = (entry: number, over: Partial<Verdict> = {}): Verdict => ({
  kind: 'verdict',
  entry,
  verdict: 'accept',
  code: 0,
  offset: 0,
  text: NOTHING,
  ...over,
});
export const receipt = (entry: number, over: Partial<Receipt> = {}): Receipt => ({
  kind: 'receipt',
  entry,
  code: 0,
  size: CONTENT.length,
  digest: sha256(CONTENT),
  text: NOTHING,
  ...over,
});

/** Digests of the chunks that are given. */
export const prefix = (entry: number, offset: number, chunks: readonly Uint8Array[]): Prefix => ({
  kind: 'prefix',
  entry,
  offset,
  digests: chunks.map(sha256),
});
/** One character for each chunk: 1 is missing. */
export const missing = (entry: number, offset: number, bits: string): Missing => ({
  kind: 'missing',
  entry,
  offset,
  isMissing: Array.from(bits, (bit) => bit === '1'),
});

/** All of an entry, from its first byte. */
export const ALL: Wanted = { kind: 'content', from: 0 };
/** An owner whom nobody asks. */
export const NOBODY: Owner = { heardAt: 0, ping: () => {}, replace: () => {} };
