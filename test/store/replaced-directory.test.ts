import { mkdir, readdir, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/file-store.ts';
import type { FileSystem } from '../../src/store/file-system.ts';
import { bytesLike } from './content.ts';
import { codeName, Entry, offerOf, store, text } from './drive.ts';
import { temporaryDirectory } from './temporary.ts';
import { fault, watchedFileSystem } from './watched-file-system.ts';

/** Sends an entry while `out` is moved away and a link to `victim` takes its place. */
async function sendWhileSwapped(files?: FileSystem) {
  const parent = await temporaryDirectory();
  const [out, moved, victim] = [join(parent, 'out'), join(parent, 'moved'), join(parent, 'victim')];
  await mkdir(out);
  await mkdir(victim);
  const into = await openStore(out, { exists: 'overwrite' }, files);
  const content = bytesLike(300_000);
  const entry = new Entry(into, offerOf('file'));
  await entry.verdict();
  entry.write(content);
  await rename(out, moved);
  await symlink('victim', out);
  const receipt = await entry.end(content);
  return { into, out, moved, victim, content, outcome: [codeName(receipt.code), text(receipt.text)] };
}

describe('an output directory that another one replaces while a file comes', () => {
  test.runIf(process.platform === 'linux')('gets the file all the same, wherever it is now', async () => {
    const { into, moved, victim, content, outcome } = await sendWhileSwapped();
    await into.close();
    expect(outcome).toEqual(['ok', '']);
    expect((await readFile(join(moved, 'file'))).equals(content)).toBe(true);
    expect([await readdir(moved), await readdir(victim)]).toEqual([['file'], []]);
  });

  test('is noticed where names cannot be resolved through the open directory', async () => {
    const { files } = watchedFileSystem((call) => {
      if (String(call.args[0]).startsWith('/proc/')) throw fault('ENOENT');
      return call.run(...call.args);
    });
    const { into, out, moved, victim, outcome } = await sendWhileSwapped(files);
    await into.close();
    expect(outcome).toEqual(['store', 'cannot store file: no such file or directory']);
    expect(await readdir(victim)).toEqual([]);
    expect((await readdir(moved)).filter((name) => !name.startsWith('.udpcp-'))).toEqual([]);
    await unlink(out);
  });
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
