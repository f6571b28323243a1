import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openStore, type StoreOptions } from '../../src/store/file-store.ts';
import { type OwnKind, ownName, resumableId } from '../../src/store/part/own-names.ts';
import { bytesLike } from './content.ts';
import { codeName, Entry, offerOf, sha256, text } from './drive.ts';
import { temporaryDirectory } from './temporary.ts';

export const CHUNK = 1024 * 1024;
export const CONTENT = bytesLike(5 * CHUNK + 777);
export const NAME = 'large.bin';
export const ID = resumableId([Buffer.from(NAME)]);
export const OFFER = offerOf(NAME, { size: CONTENT.length });

/** An empty directory, a store on it, and what gives further stores on it. */
export async function opened(options?: StoreOptions, files?: Parameters<typeof openStore>[2]) {
  const out = join(await temporaryDirectory(), 'out');
  await mkdir(out);
  const at = (kind: OwnKind): string => join(out, ownName(ID, kind));
  const again = (more?: StoreOptions) => openStore(out, { ...options, ...more }, files);
  return { out, at, again, into: await again() };
}

/** Leaves the first `bytes` of the content behind, as a transfer that ends there does. */
export async function leave(
  into: Awaited<ReturnType<typeof openStore>>,
  bytes: number,
  content = CONTENT,
): Promise<void> {
  const entry = new Entry(into, OFFER);
  await entry.verdict();
  entry.write(content.subarray(0, bytes));
  await entry.allTaken();
  await into.close();
}

/** Sends what the store does not have, as a sender does; answers what was sent again and how it ended. */
export async function resume(into: Awaited<ReturnType<typeof openStore>>, content: Uint8Array = CONTENT, group = 2) {
  const entry = new Entry(into, OFFER);
  const { verdict, offset } = await entry.verdict();
  expect(verdict).toBe('accept');
  const chunkAt = (at: number): Uint8Array => content.subarray(at, at + CHUNK);
  entry.write(content.subarray(offset), [65_536]);
  const missing: number[] = [];
  for (let at = 0; at < offset; at += group * CHUNK) {
    const count = Math.min(group, (offset - at) / CHUNK);
    const digests = Array.from({ length: count }, (_, i) => sha256(chunkAt(at + i * CHUNK)));
    entry.sink.compare(at, digests);
    const answer = await entry.waiter.until(() => entry.sink.differing());
    expect([answer.offset, answer.isMissing.length]).toEqual([at, count]);
    for (const [i, isMissing] of answer.isMissing.entries()) if (isMissing) missing.push(at / CHUNK + i);
  }
  for (const chunk of missing) entry.writeAt(chunk * CHUNK, chunkAt(chunk * CHUNK), [100_000]);
  const receipt = await entry.end(content);
  return { offset, missing, code: codeName(receipt.code), text: text(receipt.text) };
}
