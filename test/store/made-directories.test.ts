import { chmod, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FileStore, openStore, type StoreOptions } from '../../src/store/file-store.ts';
import { madeId, ownName } from '../../src/store/part/own-names.ts';
import { Entry, offerOf, SOMEBODY, store } from './drive.ts';
import { temporaryDirectory } from './temporary.ts';

const REFUSED = 'refuse name the name is hidden (begins with a dot), in a directory that was there before';

/** An output directory, and what opens another store on it, as after a restart. */
async function place() {
  const out = join(await temporaryDirectory(), 'out');
  await mkdir(out);
  return { out, open: (options: StoreOptions = {}) => openStore(out, options) };
}

const offerAt = (path: string) => offerOf('', { path: path.split('/').map((component) => Buffer.from(component)) });

/** `ok` or the code and text of whatever refused it. */
async function send(into: FileStore, path: string): Promise<string> {
  const { code, text } = await store(into, offerAt(path), Buffer.from('new'));
  return `${code} ${text}`.trim();
}

const notes = async (out: string): Promise<string[]> => (await readdir(out)).filter((name) => name.endsWith('.made'));

describe('a directory that a receiver made takes hidden names after a restart', () => {
  test('until the transfer that made it is whole', async () => {
    const { out, open } = await place();
    await mkdir(join(out, 'old'));
    const first = await open();
    for (const path of ['new/a', 'new/deep/b', 'old/new/c']) expect(await send(first, path)).toBe('ok');
    first.over(SOMEBODY, false);
    await first.close();
    expect(await notes(out)).toHaveLength(2); // nothing is noted below one that is
    const second = await open();
    for (const path of ['new/.a', 'new/deep/.b', 'old/new/.c/d']) expect(await send(second, path)).toBe('ok');
    expect(await send(second, 'old/.x')).toBe(REFUSED);
    second.over(SOMEBODY, true);
    await second.close();
    expect(await notes(out)).toEqual([]);
    const third = await open();
    expect(await send(third, 'new/.f')).toBe(REFUSED);
    await third.close();
  });

  test('also when a later transfer was the one that was interrupted', async () => {
    const { out, open } = await place();
    const first = await open();
    expect(await send(first, 'new/a')).toBe('ok');
    first.over(SOMEBODY, true);
    expect(await send(first, 'new/.b')).toBe('ok');
    await first.close();
    expect(await notes(out)).toHaveLength(1);
    const second = await open();
    expect(await send(second, 'new/.c')).toBe('ok');
    await second.close();
  });

  test('as long as another transfer uses it', async () => {
    const { out, open } = await place();
    const into = await open();
    const other = { ...SOMEBODY };
    expect(await send(into, 'new/a')).toBe('ok');
    const entry = new Entry(into, offerAt('new/b'), other);
    await entry.verdict();
    entry.write(Buffer.from('b'));
    await entry.end(Buffer.from('b'));
    into.over(SOMEBODY, true);
    into.over(other, false);
    await into.close();
    expect(await notes(out)).toHaveLength(1);
  });

  test('not where nothing is gone on with, and not where everybody may put a note', async () => {
    for (const [mode, options] of [
      [0o755, { resume: false }],
      [0o777, {}],
    ] as const) {
      const { out, open } = await place();
      await chmod(out, mode);
      const first = await open(options);
      expect(await send(first, 'new/a')).toBe('ok');
      await first.close();
      expect(await notes(out)).toEqual([]);
    }
  });
});

describe('a note of a directory', () => {
  /** One that is announced, as by a process that died before or after it made it. */
  async function announced() {
    const it = await place();
    const note = join(it.out, ownName(madeId('/new'), 'made'));
    return { ...it, note, made: join(it.out, 'new') };
  }

  test.each([
    ['of one that is not there', async () => {}, 'ok'],
    ['of one that is empty', (made: string) => mkdir(made), 'ok'],
    [
      'of one with something in it',
      async (made: string) => {
        await mkdir(made);
        await writeFile(join(made, 'theirs'), '');
      },
      REFUSED,
    ],
  ])('%s, by its path', async (_what, make, expected) => {
    const { open, note, made } = await announced();
    await writeFile(note, '');
    await make(made);
    const into = await open();
    expect(await send(into, 'new/.x')).toBe(expected);
    await into.close();
  });

  test.each([
    ['a link', (note: string) => symlink('elsewhere', note)],
    ['a directory', (note: string) => mkdir(note)],
    ['a file with something in it', (note: string) => writeFile(note, 'x')],
  ])('that is %s is none', async (_what, make) => {
    const { open, note, made } = await announced();
    await make(note);
    await mkdir(made);
    const into = await open();
    expect(await send(into, 'new/.x')).toBe(REFUSED);
    await into.close();
  });

  test('says nothing of another directory that has the path now', async () => {
    const { out, open } = await place();
    const first = await open();
    expect(await send(first, 'new/a')).toBe('ok');
    await first.close();
    await rm(join(out, 'new'), { recursive: true });
    await mkdir(join(out, 'new'));
    const second = await open();
    expect(await send(second, 'new/.x')).toBe(REFUSED);
    await second.close();
  });
});
