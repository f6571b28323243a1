import { mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { type FileStore, openStore, type StoreOptions } from '../../src/store/file-store.ts';
import type { Offer } from '../../src/transfer/messages.ts';
import { offerOf, store } from './drive.ts';
import { openInside, temporaryDirectory } from './temporary.ts';
import { describeTree } from './tree.ts';
import { watchedFileSystem } from './watched-file-system.ts';

const NOTHING = new Uint8Array(0);

/** An output directory with something beside it that must not change. */
async function scene(options: StoreOptions = {}) {
  const parent = await temporaryDirectory();
  const [out, victim] = [join(parent, 'out'), join(parent, 'victim')];
  await mkdir(out);
  await mkdir(victim);
  await writeFile(join(victim, 'f'), 'victim');
  return { out, victim, untouched: await describeTree(victim), into: await openStore(out, options) };
}

function offer(path: string, kind: Offer['entryKind'] = 'file', target = ''): Offer {
  const components = path.split('/').map((component) => Buffer.from(component));
  return offerOf('', { path: components, entryKind: kind, target: Buffer.from(target) });
}

/** `ok` or the code and text of whatever refused it. */
async function send(into: FileStore, one: Offer): Promise<string> {
  const { code, text } = await store(into, one, one.entryKind === 'file' ? Buffer.from('new') : NOTHING);
  return `${code} ${text}`.trim();
}

describe('what is in the way is left alone', () => {
  test.each([
    ['a file', 'd/f', (at: string) => writeFile(at, 'old')],
    ['a link to a directory', 'd/f', (at: string) => symlink('../victim', at)],
    ['a dangling link', 'd/f', (at: string) => symlink('nothing', at)],
  ])('%s where a directory is wanted', async (_what, path, make) => {
    const { out, victim, untouched, into } = await scene({ exists: 'overwrite' });
    await make(join(out, 'd'));
    const before = await describeTree(out);
    const words = 'refuse exists cannot store d/f: d exists and is not a directory';
    expect(await send(into, offer(path))).toBe(words);
    expect(await send(into, offer('d/f', 'directory'))).toBe(words);
    expect(await send(into, offer('d/f', 'link', 'x'))).toBe(words);
    expect(await send(into, offer('d', 'directory'))).toMatch(
      /^refuse exists d exists and is a (file|symbolic link), /,
    );
    expect(await describeTree(out)).toEqual(before);
    await into.close();
    expect(await describeTree(victim)).toEqual(untouched);
    expect((await openInside(out)) ?? []).toEqual([]);
  });

  test('a directory where a file or a link is wanted', async () => {
    const { out, into } = await scene();
    await mkdir(join(out, 'd/e'), { recursive: true });
    expect(await send(into, offer('d/e'))).toBe('refuse exists d/e exists and is a directory');
    expect(await send(into, offer('d/e', 'link', 'x'))).toBe('refuse exists d/e exists and is a directory');
    expect(await send(into, offer('d/e', 'directory'))).toBe('ok');
    await into.close();
  });

  test('a link of another target, unless links may be replaced', async () => {
    for (const [exists, words, target] of [
      ['refuse', 'refuse exists d/l exists and is a symbolic link to something else', 'old'],
      ['skip', 'skip exists d/l exists', 'old'],
      ['rename', 'ok stored as d/l (1)', 'old'],
      ['overwrite', 'ok', 'new'],
    ] as const) {
      const { out, into } = await scene({ exists });
      await mkdir(join(out, 'd'));
      await symlink('old', join(out, 'd/l'));
      expect(await send(into, offer('d/l', 'link', 'new'))).toBe(words);
      expect(await readlink(join(out, 'd/l'))).toBe(target);
      if (exists === 'refuse') expect(await send(into, offer('d/l', 'link', 'old'))).toBe('ok already there');
      expect((await readdir(out)).filter((name) => name !== 'd')).toEqual([]);
      await into.close();
    }
  });

  test('a file where a link is wanted, even when links may be replaced', async () => {
    const { out, into } = await scene({ exists: 'overwrite' });
    await mkdir(join(out, 'd'));
    await writeFile(join(out, 'd/l'), 'old');
    expect(await send(into, offer('d/l', 'link', 'new'))).toBe('refuse exists d/l exists and is a file');
    expect(await readFile(join(out, 'd/l'), 'utf8')).toBe('old');
    await into.close();
  });
});

describe('a hidden name', () => {
  test('is refused below a directory that was there before, and makes nothing', async () => {
    const { out, into } = await scene();
    await mkdir(join(out, 'home'));
    const words = 'refuse name the name is hidden (begins with a dot), in a directory that was there before';
    expect(await send(into, offer('home/.ssh/keys'))).toBe(words);
    expect(await send(into, offer('home/.bashrc'))).toBe(words);
    expect(await send(into, offer('home/.l', 'link', 'x'))).toBe(words);
    expect(await send(into, offer('home/.d', 'directory'))).toBe(words);
    expect(await readdir(join(out, 'home'))).toEqual([]);
    await into.close();
  });

  test('is taken below one that was made here, at any depth, and no longer when another takes its place', async () => {
    const { out, into } = await scene();
    await mkdir(join(out, 'old'));
    for (const path of ['new/.git/config', 'new/.git/.x/y', 'old/new/.a', 'old/new/b/.c']) {
      expect(await store(into, offer(path), NOTHING)).toEqual({ code: 'ok', text: '' });
    }
    await rm(join(out, 'new'), { recursive: true });
    await mkdir(join(out, 'new'));
    // What was looked at a moment ago is not looked at again.
    await vi.waitFor(async () => expect(await send(into, offer('new/.git/config'))).toMatch(/^refuse name /), 60_000);
    expect(await readdir(join(out, 'new'))).toEqual([]);
    await into.close();
  });

  test('is taken anywhere when that is allowed', async () => {
    const { out, into } = await scene({ allowHidden: true });
    await mkdir(join(out, 'home'));
    expect(await send(into, offer('home/.x/y'))).toBe('ok');
    expect(await send(into, offer('.x/y'))).toBe('ok');
    await into.close();
  });
});

test('directories and links count as files do', async () => {
  const { into } = await scene({ maxFiles: 2 });
  expect(await send(into, offer('d', 'directory'))).toBe('ok');
  expect(await send(into, offer('d/l', 'link', 'x'))).toBe('ok');
  expect(await send(into, offer('d/f'))).toMatch(/^refuse space only 2 files are taken here/);
  await into.close();
});

test('content of a directory or a link makes it fail', async () => {
  const { out, into } = await scene();
  for (const kind of ['directory', 'link'] as const) {
    const { code } = await store(into, offer('d/x', kind, kind === 'link' ? 'y' : ''), Buffer.from('content'));
    expect(code).toBe('digest');
  }
  expect(await readdir(join(out, 'd'))).toEqual([]);
  await into.close();
});

test('a directory that is moved away while a file comes keeps it, and one that is gone fails it', async () => {
  const { out, victim, untouched, into } = await scene();
  expect(await send(into, offer('d/a'))).toBe('ok');
  await rename(join(out, 'd'), join(out, 'moved'));
  await symlink('../victim', join(out, 'd'));
  expect(await send(into, offer('d/f'))).toMatch(/^(ok|refuse exists .* d exists and is not a directory)$/);
  expect(await describeTree(victim)).toEqual(untouched);
  await into.close();
});

test('every directory that got a name is made durable before the receipt, those made on the way too', async () => {
  const { files, calls } = watchedFileSystem();
  const out = join(await temporaryDirectory(), 'out');
  const into = await openStore(out, {}, files);
  await send(into, offer('a/b/c/f'));
  const linked = calls.indexOf('link part');
  expect(calls.slice(linked).filter((call) => /^sync [abc]$|^sync directory$/.test(call))).toEqual([
    'sync c',
    'sync b',
    'sync a',
    'sync directory',
  ]);
  calls.length = 0;
  await send(into, offer('a/b/c/g'));
  expect(calls.filter((call) => /^sync [abcd]/.test(call))).toEqual(['sync c']);
  await into.close();
});

test('few directories stay open, however many are used, and none after the end', async () => {
  const { out, into } = await scene();
  for (let i = 0; i < 100; i++) expect(await send(into, offer(`d${i}/e/f`))).toBe('ok');
  const open = await openInside(out);
  expect(open === undefined ? 1 : open.length).toBeLessThan(40);
  await Promise.all(Array.from({ length: 100 }, (_, i) => send(into, offer(`d${i}/e/g`))));
  await into.close();
  expect((await openInside(out)) ?? []).toEqual([]);
  expect((await readdir(join(out, 'd99/e'))).sort()).toEqual(['f', 'g']);
});
