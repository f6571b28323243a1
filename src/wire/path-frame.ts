import { copyBytes } from './bytes.ts';
import { type Malformed, malformed } from './malformed.ts';

export const PATH_CHALLENGE_TYPE = 0x05;
export const PATH_RESPONSE_TYPE = 0x06;
/** Bytes of a PATH_CHALLENGE or PATH_RESPONSE. */
export const PATH_LENGTH = 9;

/** A challenge, or the answer with the same token: whoever answers is where the challenge was sent. */
export interface Path {
  readonly kind: 'path-challenge' | 'path-response';
  /** 8 bytes, a copy. */
  readonly token: Uint8Array;
}

/** Writes a PATH_CHALLENGE with a token of 8 bytes at `at`; returns the next offset. */
export function encodePathChallenge(out: Uint8Array, at: number, token: Uint8Array): number {
  out[at] = PATH_CHALLENGE_TYPE;
  out.set(token, at + 1);
  return at + PATH_LENGTH;
}

/** Writes a PATH_RESPONSE with the challenge's token at `at`; returns the next offset. */
export function encodePathResponse(out: Uint8Array, at: number, token: Uint8Array): number {
  out[at] = PATH_RESPONSE_TYPE;
  out.set(token, at + 1);
  return at + PATH_LENGTH;
}

/** The type at `at` is known to be one of the two; nothing from `end` on is read. */
export function decodePath(datagram: Uint8Array, at: number, end: number): Path | Malformed {
  if (end - at < PATH_LENGTH) return malformed('truncated');
  const kind = datagram[at] === PATH_CHALLENGE_TYPE ? 'path-challenge' : 'path-response';
  return { kind, token: copyBytes(datagram, at + 1, at + PATH_LENGTH) };
}
