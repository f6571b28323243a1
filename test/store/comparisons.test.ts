import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../src/store/file-store.ts';
import { PREFIX_CHUNK } from '../../src/transfer/message-layout.ts';
import { bytesLike } from './content.ts';
import { codeName, Entry, offerOf, SOMEBODY } from './drive.ts';
import { temporaryDirectory } from './temporary.ts';
import { watchedFileSystem } from './watched-file-system.ts';

const CONTENT = bytesLike(PREFIX_CHUNK);

/** Files that are all there, offered by their names; which of them were open at the same time, in order. */
async function compareAll(senders: readonly string[][], content: Uint8Array, aborted: readonly string[] = []) {
  const out = await temporaryDirectory();
  const names = senders.flat();
  for (const name of names) await writeFile(join(out, name), content);
  const open = new Set<string>();
  const seen: string[][] = [];
  const { files } = watchedFileSystem(async (call) => {
    const [what, name = ''] = call.name.split(' ');
    if (what === 'close') open.delete(name);
    const result = await call.run(...call.args);
    if (what !== 'open' || !names.includes(name)) return result;
    open.add(name);
    seen.push([...open]);
    return result;
  });
  const into = await openStore(out, {}, files);
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
  return { seen, codes };
}

test('of large files that may be there two are read at once, one of each sender', async () => {
  const { seen, codes } = await compareAll([['a1', 'a2', 'a3', 'a4'], ['b1'], ['c1'], ['d1']], CONTENT);
  expect(codes).toEqual(new Array(7).fill('ok'));
  expect(seen).toHaveLength(7);
  expect(Math.max(...seen.map((open) => open.length))).toBe(2);
  for (const open of seen) expect(new Set(open.map(([sender]) => sender)).size).toBe(open.length);
  const order = seen.map((open) => open.at(-1));
  expect(order.indexOf('d1')).toBeLessThan(order.indexOf('a3')); // they take turns
});

test('small ones do not wait, and whoever gives up gives its turn to the next', async () => {
  const small = await compareAll([['a1', 'a2', 'a3', 'a4']], CONTENT.subarray(1));
  expect(small.codes).toEqual(new Array(4).fill('ok'));
  expect(Math.max(...small.seen.map((open) => open.length))).toBeGreaterThan(2);
  const given = await compareAll([['a1', 'a2', 'a3'], ['b1']], CONTENT, ['a1', 'a2']);
  expect(given.codes).toEqual(['ok', 'ok']);
});
