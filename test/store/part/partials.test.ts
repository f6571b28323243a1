import { mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../../src/store/file-store.ts';
import { ownName, resumableId } from '../../../src/store/part/own-names.ts';
import { listPartials, purgePartials } from '../../../src/store/part/partials.ts';
import { bytesLike } from '../content.ts';
import { Entry, offerOf, text } from '../drive.ts';
import { temporaryDirectory } from '../temporary.ts';

const CHUNK = 1024 * 1024;
const idOf = (name: string): string => resumableId([Buffer.from(name)]);

/** A directory with a kept part called `kept`, and one that is being written called `live`. */
async function directory() {
  const out = join(await temporaryDirectory(), 'out');
  await mkdir(out);
  const first = await openStore(out);
  const kept = new Entry(first, offerOf('kept', { size: 3 * CHUNK }));
  await kept.verdict();
  kept.write(bytesLike(2 * CHUNK + 5));
  await kept.allTaken();
  await first.close();
  const into = await openStore(out);
  const live = new Entry(into, offerOf('live', { size: 3 * CHUNK }));
  const small = new Entry(into, offerOf('small', { size: 10 }));
  for (const entry of [live, small]) await entry.verdict();
  small.write(bytesLike(1)); // it has no part before
  await small.allTaken();
  return { out, into };
}

/** Makes it look as if nothing had been written for so many seconds. */
async function age(out: string, seconds: number): Promise<void> {
  const then = Date.now() / 1000 - seconds;
  for (const name of await readdir(out)) await utimes(join(out, name), then, then);
}

test('what is there is told: kept, being written, and what says nothing of itself', async () => {
  const { out, into } = await directory();
  await writeFile(join(out, ownName(idOf('mute'), 'part')), 'xx');
  await writeFile(join(out, 'a file'), 'theirs');
  await writeFile(join(out, '.udpcp-something.else'), 'theirs');
  const list = await listPartials(out);
  const told = list.map(({ path, have, size, inUse }) => [path?.map(text), have, size, inUse]);
  expect(told).toHaveLength(4);
  expect(told).toEqual(
    expect.arrayContaining([
      [['kept'], 2 * CHUNK + 5, 3 * CHUNK, false],
      [['live'], 0, 3 * CHUNK, true],
      [undefined, 1, undefined, true], // of a small file
      [undefined, 2, undefined, false],
    ]),
  );
  await into.close();
});

test('purging removes what is old and of no running process, and nothing else', async () => {
  const { out, into } = await directory();
  const dead = '0123456789abcdef-1-00000000';
  const before = await readdir(out);
  expect(await purgePartials(out, 60_000)).toEqual([]);
  expect(await readdir(out)).toEqual(before);
  await writeFile(join(out, ownName(dead, 'part')), 'of a process that is gone');
  await writeFile(join(out, ownName(dead, 'link')), '');
  for (const id of [idOf('stale'), dead]) await mkdir(join(out, ownName(id, 'lock'), '1_1_a'), { recursive: true });
  await mkdir(join(out, ownName(idOf('nobody'), 'lock')));
  await writeFile(join(out, 'a file'), 'theirs');
  await symlink('a file', join(out, ownName(idOf('link'), 'part')));
  await age(out, 61);
  const removed = await purgePartials(out, 60_000);
  expect(removed.map(({ path, file }) => path?.map(text)[0] ?? file).sort()).toEqual([ownName(dead, 'part'), 'kept']);
  const left = await readdir(out);
  const live = before.filter((name) => !name.includes(idOf('kept')));
  expect(left.sort()).toEqual([...live, 'a file', ownName(idOf('link'), 'part')].sort());
  expect(await readFile(join(out, 'a file'), 'utf8')).toBe('theirs');
  expect((await purgePartials(out, 0)).map(({ file }) => file)).toEqual([ownName(idOf('link'), 'part')]);
  await into.close();
  expect(await readdir(out)).toEqual(['a file']);
});

test('a store removes what is old when it is told to, and what nobody can go on with sooner', async () => {
  const { out, into } = await directory();
  await into.close();
  const dead = '0123456789abcdef-1-00000000';
  const leave = async (id: string, days: number): Promise<string> => {
    const name = ownName(id, 'part');
    await writeFile(join(out, name), 'left');
    const then = Date.now() / 1000 - days * 86_400;
    await utimes(join(out, name), then, then);
    return name;
  };
  const before = await readdir(out);
  const kept = [await leave(idOf('young'), 6.9), await leave(dead.replace('0', 'a'), 0)];
  await leave(idOf('old'), 7.1);
  await leave(dead, 0.1);
  const all = await readdir(out);
  for (const [options, expected] of [
    [{ resume: false }, all],
    [{}, [...before, ...kept]],
    [{ keepPartials: 0 }, []],
  ] as const) {
    const store = await openStore(out, options);
    store.clearOld();
    await store.close();
    expect((await readdir(out)).sort()).toEqual([...expected].sort());
  }
});

test('a directory that is not there is an error, and is not made', async () => {
  const parent = await temporaryDirectory();
  await expect(listPartials(join(parent, 'no'))).rejects.toMatchObject({ code: 'ERR_LOCAL_STORE' });
  await writeFile(join(parent, 'file'), '');
  await expect(purgePartials(join(parent, 'file'), 0)).rejects.toThrow('not a directory');
  expect(await readdir(parent)).toEqual(['file']);
});
