import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../src/store/file-store.ts';
import { PREFIX_CHUNK } from '../../src/transfer/message-layout.ts';
import { bytesLike } from './content.ts';
import { codeName, Entry, offerOf, SOMEBODY, sha256 } from './drive.ts';
import { temporaryDirectory } from './temporary.ts';
import { watchedFileSystem } from './watched-file-system.ts';

const CONTENT = bytesLike(3 * PREFIX_CHUNK);

/** A file system that tells which files were read, and open, at the same time. */
function watchReads() {
  const open = new Set<string>();
  const reading: string[] = [];
  const seen = { reads: [] as string[][], opens: [] as string[][] };
  const { files } = watchedFileSystem(async (call) => {
    const [what, name = ''] = call.name.split(' ');
    if (what === 'close') open.delete(name);
    if (what !== 'read') {
      const result = await call.run(...call.args);
      if (what === 'open') open.add(name);
      if (what === 'open') seen.opens.push([...open]);
      return result;
    }
    reading.push(name);
    seen.reads.push([...reading]);
    try {
      return await call.run(...call.args);
    } finally {
      reading.splice(reading.indexOf(name), 1);
    }
  });
  return { files, seen };
}

const most = (lists: readonly string[][]): number => Math.max(...lists.map((list) => list.length));

/** Files that are all there, offered by their names: what was open and read at the same time, in order. */
async function compareAll(senders: readonly string[][], content: Uint8Array, aborted: readonly string[] = []) {
  const out = await temporaryDirectory();
  for (const name of senders.flat()) await writeFile(join(out, name), content);
  const { files, seen } = watchReads();
  const into = await openStore(out, {}, files);
  seen.opens.length = 0;
  const entries = senders.flatMap((sender) => {
    const owner = { ...SOMEBODY };
    return sender.map((name) => ({ name, entry: new Entry(into, offerOf(name, { size: content.length }), owner) }));
  });
  for (const { entry } of entries) expect(await entry.verdict()).toMatchObject({ verdict: 'compare' });
  const receipts = entries.flatMap(({ name, entry }) => {
    const receipt = entry.end(content);
    if (!aborted.includes(name)) return [receipt];
    entry.sink.abort();
    return [];
  });
  const codes = (await Promise.all(receipts)).map(({ code }) => codeName(code));
  await into.close();
  return { ...seen, codes };
}

test('large files that may be there are read in turns: two pieces at once, one file of each sender', async () => {
  const { reads, opens, codes } = await compareAll([['a1', 'a2', 'a3'], ['b1'], ['c1'], ['d1']], CONTENT);
  expect(codes).toEqual(new Array(6).fill('ok'));
  expect(reads).toHaveLength(6 * 3);
  expect(most(reads)).toBe(2);
  for (const list of [...reads, ...opens]) expect(new Set(list.map(([sender]) => sender)).size).toBe(list.length);
  const order = reads.map((list) => list.at(-1));
  expect(order.indexOf('d1')).toBeLessThan(order.lastIndexOf('b1')); // nobody waits for the end of another's file
});

test('small ones do not wait, and whoever gives up gives its turn to the next', async () => {
  const small = await compareAll([['a1', 'a2', 'a3', 'a4']], CONTENT.subarray(0, PREFIX_CHUNK - 1));
  expect(small.codes).toEqual(new Array(4).fill('ok'));
  expect(most(small.opens)).toBeGreaterThan(2);
  const given = await compareAll([['a1', 'a2', 'a3'], ['b1']], CONTENT, ['a1', 'a2']);
  expect(given.codes).toEqual(['ok', 'ok']);
});

test('parts of earlier transfers are read in turns: two pieces at once, one of each sender', async () => {
  const out = await temporaryDirectory();
  const names = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'];
  const offers = names.map((name) => offerOf(name, { size: CONTENT.length }));
  const before = await openStore(out);
  for (const offer of offers) {
    const entry = new Entry(before, offer);
    await entry.verdict();
    entry.write(CONTENT);
    await entry.allTaken();
  }
  await before.close();
  const { files, seen } = watchReads();
  const into = await openStore(out, {}, files);
  const owners = new Map(names.map(([sender]) => [sender, { ...SOMEBODY }]));
  const entries = offers.map((offer, index) => new Entry(into, offer, owners.get(names[index]?.[0])));
  for (const entry of entries)
    expect(await entry.verdict()).toMatchObject({ verdict: 'accept', offset: 3 * PREFIX_CHUNK });
  seen.reads.length = 0; // those of the journals
  const digests = [0, 1, 2].map((at) => sha256(CONTENT.subarray(at * PREFIX_CHUNK, (at + 1) * PREFIX_CHUNK)));
  for (const entry of entries) entry.sink.compare(0, digests);
  for (const entry of entries) {
    const answer = await entry.waiter.until(() => entry.sink.differing());
    expect(answer.isMissing).toEqual([false, false, false]);
  }
  expect(seen.reads).toHaveLength(6 * 3);
  expect(most(seen.reads)).toBe(2);
  const receipts = await Promise.all(entries.map((entry) => entry.end(CONTENT)));
  expect(receipts.map(({ code }) => codeName(code))).toEqual(new Array(6).fill('ok'));
  await into.close();
});
