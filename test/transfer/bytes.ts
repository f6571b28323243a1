import { createHash } from 'node:crypto';
import type { Digest } from '../../src/transfer/digest.ts';

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The digest port over node:crypto. */
export function createDigest(): Digest {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), digest: () => new Uint8Array(hash.digest()) };
}

export function sha256(bytes: Uint8Array): Uint8Array {
  const digest = createDigest();
  digest.update(bytes);
  return digest.digest();
}

export function join(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Cuts bytes into slices of these sizes, repeated as long as needed. */
export function slice(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const slices: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = sizes[slices.length % sizes.length] ?? 1;
    slices.push(bytes.subarray(at, at + size));
    at += size;
  }
  return slices;
}

/** `size` bytes without a pattern that a shifted or repeated piece would fit. */
export function noise(size: number, seed = 1): Uint8Array {
  let state = seed >>> 0;
  return Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}
