import { mkdir, readdir, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/file-store.ts';
import type { FileSystem } from '../../src/store/file-system.ts';
import { bytesLike } from './content.ts';
import { codeName, Entry, offerOf, store, text } from './drive.ts';
import { temporaryDirectory } from './temporary.ts';
import { fault, watchedFileSystem } from './watched-file-system.ts';

/** Sends entries from when `out` is moved away and a link to `victim` takes its place until one fails. */
async function sendWhileSwapped(files?: FileSystem) {
  const parent = await temporaryDirectory();
  const [out, moved, victim] = [join(parent, 'out'), join(parent, 'moved'), join(parent, 'victim')];
  await mkdir(out);
  await mkdir(victim);
  const into = await openStore(out, { exists: 'overwrite' }, files);
  const content = bytesLike(300_000);
  const entry = new Entry(into, offerOf('0'));
  await entry.verdict();
  entry.write(content);
  await rename(out, moved);
  await symlink('victim', out);
  const receipt = await entry.end(content);
  let outcome = { code: codeName(receipt.code), text: text(receipt.text) };
  let stored = 0;
  while (outcome.code === 'ok') outcome = await store(into, offerOf(`${++stored}`), content);
  const afterwards = await store(into, offerOf('after'), content);
  expect(await readdir(victim)).toEqual([]);
  await unlink(out);
  await rename(moved, out);
  const back = await store(into, offerOf('back'), content);
  await into.close();
  const visible = (await readdir(out)).filter((name) => !name.startsWith('.udpcp-'));
  expect(visible.sort()).toEqual([...Array.from({ length: stored }, (_, i) => `${i}`).sort(), 'back']);
  for (const name of visible) expect((await readFile(join(out, name))).equals(content)).toBe(true);
  return { outcome, afterwards, back };
}

const ASTRAY = "the receiver's directory was moved, removed or unmounted: start the receiver again";

describe('an output directory that another one replaces while a file comes', () => {
  test('is noticed before long, the other one gets nothing, and when it is back it is used again', async () => {
    const { outcome, afterwards, back } = await sendWhileSwapped();
    expect([outcome, afterwards]).toEqual([
      { code: expect.stringMatching(/^(refuse )?store$/), text: ASTRAY },
      { code: 'refuse store', text: ASTRAY },
    ]);
    expect(back).toEqual({ code: 'ok', text: '' });
  });

  test('is noticed at once where names cannot be resolved through the open directory', async () => {
    const { files } = watchedFileSystem((call) => {
      if (String(call.args[0]).startsWith('/proc/')) throw fault('ENOENT');
      return call.run(...call.args);
    });
    const { outcome, back } = await sendWhileSwapped(files);
    expect(outcome).toEqual({ code: 'store', text: ASTRAY });
    expect(back).toEqual({ code: 'ok', text: '' });
  });
});

test('an output directory whose path cannot be looked at any more fails what goes to it, and nothing else', async () => {
  const out = join(await temporaryDirectory(), 'out');
  await mkdir(out);
  let isDead = false;
  let refused = 0;
  const { files } = watchedFileSystem((call) => {
    const path = String(call.args[0]);
    if (path.startsWith('/proc/')) throw fault('ENOENT');
    if (isDead && call.name === 'stat directory' && path === out) {
      refused++;
      throw fault('EIO');
    }
    return call.run(...call.args);
  });
  const into = await openStore(out, {}, files);
  const content = bytesLike(3_000_000);
  const entry = new Entry(into, offerOf('f', { size: content.length }));
  await entry.verdict();
  entry.write(content);
  isDead = true;
  const { code, text: words } = await entry.end(content);
  expect([codeName(code), text(words)]).toEqual(['store', 'cannot store f: i/o error']);
  expect(refused).toBeGreaterThan(0);
  isDead = false;
  expect(await store(into, offerOf('g'), content)).toEqual({ code: 'ok', text: '' });
  await into.close();
});

test('a name that turns into a file, a link and a directory all the time never leads outside', async () => {
  const parent = await temporaryDirectory();
  const [out, victim] = [join(parent, 'out'), join(parent, 'victim')];
  await mkdir(out);
  await writeFile(victim, 'victim');
  const name = join(out, 'x');
  let swapping = true;
  const swapper = (async () => {
    const remove = () => rm(name, { recursive: true, force: true });
    while (swapping) {
      await writeFile(name, 'theirs').catch(() => {});
      await remove();
      await symlink('../victim', name).catch(() => {});
      await remove();
      await mkdir(name).catch(() => {});
      await remove();
    }
  })();
  const into = await openStore(out, { exists: 'overwrite' });
  const codes = new Set<string>();
  for (let i = 0; i < 100; i++) codes.add((await store(into, offerOf('x'), bytesLike(100))).code);
  swapping = false;
  await swapper;
  await into.close();
  expect(await readFile(victim, 'utf8')).toBe('victim');
  expect([...codes].filter((code) => !['ok', 'exists', 'refuse exists'].includes(code))).toEqual([]);
  expect((await readdir(out)).filter((left) => left !== 'x')).toEqual([]);
});
