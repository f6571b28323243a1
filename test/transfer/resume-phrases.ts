import { memoryEntry } from '../../src/transfer/memory-source.ts';
import { MemoryStore } from '../../src/transfer/memory-store.ts';
import type { OutgoingEntry } from '../../src/transfer/ports.ts';
import { createDigest, noise } from './bytes.ts';

// A file of three and a half chunks, and stores that have some of it from an earlier time.

export const CHUNK = 2 ** 20;
export const FILE = noise(3.5 * CHUNK);
/** The n-th chunk of it; the last is half a one. */
export const chunk = (index: number): Uint8Array => FILE.subarray(index * CHUNK, (index + 1) * CHUNK);
export const chunks = (first: number, end: number): Uint8Array[] =>
  Array.from({ length: end - first }, (_, i) => chunk(first + i));

/** A store that has the first chunks of entry `name`, some of them damaged. */
export function storeWith(have: number, damaged: readonly number[] = [], name = '0'): MemoryStore {
  const store = new MemoryStore(createDigest);
  store.parts.set(name, damage(FILE.slice(0, have * CHUNK), damaged));
  return store;
}

/** The same bytes, with one changed in each of these chunks. */
export function damage(bytes: Uint8Array, damaged: readonly number[]): Uint8Array {
  for (const index of damaged) bytes[index * CHUNK + 77] = 1 + (bytes[index * CHUNK + 77] ?? 0);
  return bytes;
}

/** The file to send, in pieces of a third of a chunk. */
export const fileEntry = (name = '0', options = {}): OutgoingEntry =>
  memoryEntry(name, FILE, createDigest, { pieceSize: Math.ceil(CHUNK / 3), ...options });
