import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EXISTS_POLICIES } from '../../src/store/exists-policy.ts';
import { openStore } from '../../src/store/file-store.ts';
import { anyString } from '../any-string.ts';
import { bytesLike } from './content.ts';
import { offerOf, store } from './drive.ts';
import { NAME_ROWS, nameBytes } from './name-rows.ts';
import { temporaryDirectory } from './temporary.ts';
import { describeTree } from './tree.ts';

/** An output directory in a neighbourhood worth attacking; `outside` describes everything that is not in it. */
async function neighbourhood() {
  const parent = await temporaryDirectory();
  const out = join(parent, 'out');
  for (const directory of ['out', 'out-evil', '.ssh', 'etc']) await mkdir(join(parent, directory));
  for (const file of ['x', 'out-evil/x', '.ssh/authorized_keys', 'etc/passwd', '.bashrc']) {
    await writeFile(join(parent, file), `sentinel ${file}`);
  }
  const outside = async () => (await describeTree(parent)).filter((line) => !line.startsWith('"out/'));
  return { parent, out, outside };
}

/** The same directory, as users write it. */
const SHAPES: Record<string, (out: string, parent: string) => Promise<string>> = {
  'a path': async (out) => out,
  'a path with a slash at its end': async (out) => `${out}/`,
  'a path through its parent': async (out) => `${out}/../out/.`,
  'a symbolic link': async (_out, parent) => {
    await symlink('out', join(parent, 'link'));
    return join(parent, 'link');
  },
};

const refuses = (row: (typeof NAME_ROWS)[number]): boolean =>
  row[process.platform === 'win32' ? 'win32' : 'posix'] !== 'accept';

describe.each(Object.keys(SHAPES))('into %s', { timeout: 60_000 }, (shape) => {
  test.each(EXISTS_POLICIES)('every name of the corpus is refused or stays inside (%s)', async (exists) => {
    const { parent, out, outside } = await neighbourhood();
    const path = (await SHAPES[shape]?.(out, parent)) ?? out;
    const before = await outside();
    const into = await openStore(path, { exists, allowHidden: false });
    for (const [i, row] of NAME_ROWS.entries()) {
      const content = bytesLike(i + 1);
      const { code } = await store(into, offerOf(nameBytes(row), { size: content.length }), content);
      expect({ row, refused: code === 'refuse name' }).toEqual({ row, refused: refuses(row) });
      const name = Buffer.from(nameBytes(row));
      if (code === 'ok')
        expect((await readFile(Buffer.concat([Buffer.from(`${out}/`), name]))).equals(content)).toBe(true);
    }
    await into.close();
    expect(await outside()).toEqual(before);
    const accepted = NAME_ROWS.filter((row) => !refuses(row)).map((row) => Buffer.from(nameBytes(row)).toString());
    const stored = await readdir(out);
    expect(stored.every((name) => accepted.includes(name))).toBe(true);
    expect(stored.length).toBeGreaterThan(accepted.length / 2); // some are equal on a file system that folds case
  });
});

test('hostile names built from hostile parts stay inside', { timeout: 60_000 }, async () => {
  const { out, outside } = await neighbourhood();
  const before = await outside();
  const into = await openStore(out, { exists: 'rename', allowHidden: true });
  const part = fc.constantFrom(
    '..',
    '.',
    '/',
    '\\',
    '\0',
    'x',
    'out-evil',
    '.ssh',
    '~',
    '%2f',
    '\u2215',
    ' ',
    'C:',
    '\u202e',
    '\n',
  );
  const hostile = fc.oneof(
    fc.array(part, { maxLength: 8 }).map((parts) => new Uint8Array(Buffer.from(parts.join('')))),
    fc.uint8Array({ maxLength: 260 }),
    anyString({ maxLength: 90 }).map((name) => new Uint8Array(Buffer.from(name))),
  );
  await fc.assert(
    fc.asyncProperty(hostile, async (name) => {
      const { code } = await store(into, offerOf(name), bytesLike(3));
      expect(['ok', 'refuse name']).toContain(code);
      if (code === 'ok')
        expect((await readdir(out, { encoding: 'buffer' })).some((there) => there.equals(name))).toBe(true);
      for (const made of await readdir(out)) await rm(join(out, made));
    }),
    { numRuns: 300 },
  );
  await into.close();
  expect(await outside()).toEqual(before);
});

test('a path with one bad component is refused', async () => {
  const { out, outside } = await neighbourhood();
  const before = await outside();
  const into = await openStore(out);
  for (const path of [
    ['..', 'x'],
    ['', 'etc', 'passwd'],
    ['a', '..', '..', 'x'],
    ['.', 'x'],
    ['a', '.'],
    ['a', ''],
    ['a', 'b/c'],
    ['a', '.udpcp-x'],
    ['.ssh', 'x'],
  ]) {
    const components = path.map((component) => Buffer.from(component));
    expect((await store(into, offerOf('', { path: components }), bytesLike(1))).code).toBe('refuse name');
  }
  await into.close();
  expect(await outside()).toEqual(before);
  expect(await readdir(out)).toEqual([]);
});
