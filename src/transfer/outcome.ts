import type { Bytes } from '../base/units.ts';

/** What the receiver had of an entry before the transfer, as far as is known. */
export type Had = {
  /** Bytes of it that need not be sent. */
  readonly resumed: Bytes;
  /** A complete file with its name and size: nothing but the digest was asked for. */
  readonly alreadyThere: boolean;
};

export const HAD_NOTHING: Had = { resumed: 0, alreadyThere: false };

/** What became of one entry, known to either side once it is final. */
export type EntryOutcome = {
  /** Stored: verified, durable, published. Skipped and refused: the receiver's verdict. Failed: begun, not published. */
  readonly status: 'stored' | 'skipped' | 'refused' | 'failed';
  /** Why (TRANSFER_CODE); a number we do not know is kept as it came. */
  readonly code: number;
  /** For people: UTF-8 supposed, at most MAX_TEXT bytes, perhaps the peer's: escape it before printing. */
  readonly text: Uint8Array;
  /** Size of the content where it is known. */
  readonly size: Bytes | undefined;
  /** SHA-256 of the whole content, when stored. */
  readonly digest: Uint8Array | undefined;
} & Had;

/** How far a transfer has come. */
export type TransferProgress = {
  /** Sending: all entries; receiving: those offered so far. */
  readonly entries: number;
  /** Entries whose outcome is known. */
  readonly entriesDone: number;
  /** Content bytes given to the stream, or received from it, and those that need not go over it. */
  readonly bytes: Bytes;
  /** Of those, the ones that the receiver has from an earlier time. Fewer as soon as some prove to be wrong. */
  readonly resumed: Bytes;
  /** Sum of the known sizes without what was skipped or refused; entries of unknown size are missing in it. */
  readonly bytesTotal: Bytes;
};

/** An entry that was not stored; its size where it is known. */
export function failedOutcome(code: number, text: Uint8Array, size?: Bytes): EntryOutcome {
  return { ...HAD_NOTHING, status: 'failed', code, text, size, digest: undefined };
}

/** Whether two byte strings are equal; not for secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
