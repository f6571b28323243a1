import { execFileSync } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../../src/store/file-store.ts';
import { leftOutWords } from '../../../src/store/outgoing/left-out.ts';
import { type GatherOptions, gather } from '../../../src/store/outgoing/outgoing-tree.ts';
import { text } from '../drive.ts';
import { sendEntries } from '../send-tree.ts';
import { temporaryDirectory } from '../temporary.ts';
import { fault, watchedFileSystem } from '../watched-file-system.ts';

/** A new directory `top` with these files (`a/b`), directories (`a/`) and links (`a -> b`). */
async function tree(...lines: readonly string[]): Promise<string> {
  const top = join(await temporaryDirectory(), 'top');
  await mkdir(top);
  for (const line of lines) {
    const [path = '', target] = line.split(' -> ');
    await mkdir(join(top, path, path.endsWith('/') ? '' : '..'), { recursive: true });
    if (target !== undefined) await symlink(target, join(top, path));
    else if (!path.endsWith('/')) await writeFile(join(top, path), path);
  }
  return top;
}

/** The paths offered, directories with a slash, links with their target; then what was left out. */
async function offered(top: string, options: GatherOptions = {}) {
  const { entries, leftOut } = await gather([top], options);
  const paths = entries.map(({ offer }) => {
    const path = offer.path.map(text).join('/');
    if (offer.entryKind === 'link') return `${path} -> ${text(offer.target)}`;
    return offer.entryKind === 'directory' ? `${path}/` : path;
  });
  return [...paths, leftOutWords(leftOut)].filter((line) => line !== '');
}

describe('a directory is offered', () => {
  test('in the order of bytes, empty directories as themselves', async () => {
    const top = await tree('b', 'a/x', 'B', 'c/', 'a.txt', '\u00e4', 'd/e/f/');
    expect(await offered(top)).toEqual([
      'top/B',
      'top/a/x',
      'top/a.txt',
      'top/b',
      'top/c/',
      'top/d/e/f/',
      'top/\u00e4',
    ]);
  });

  test('when its state is kept, with every directory after what is in it', async () => {
    expect(await offered(await tree('a/b/c', 'a/d'), { preserve: true })).toEqual([
      'top/a/b/c',
      'top/a/b/',
      'top/a/d',
      'top/a/',
      'top/',
    ]);
  });

  test('with nothing but itself in it', async () => {
    expect(await offered(await tree())).toEqual(['top/']);
  });

  test('without mode and time, unless they are kept', async () => {
    const top = await tree('a');
    const kept = async (preserve: boolean) =>
      (await gather([top], { preserve })).entries.map(({ offer }) => [typeof offer.mode, typeof offer.mtime]);
    expect(await kept(false)).toEqual([['undefined', 'undefined']]);
    expect(await kept(true)).toEqual([
      ['number', 'number'],
      ['number', 'number'],
    ]);
  });

  test('under another name, and without what is excluded', async () => {
    const top = await tree('a.o', 'b/c.o', 'b/d', 'build/x', 'n/build', 'k/only.o');
    expect(await offered(top, { as: 'new', exclude: ['*.o', 'build/'] })).toEqual([
      'new/b/d',
      'new/k/',
      'new/n/build',
      '4 excluded names',
    ]);
  });

  test('without links, pipes, sockets and devices, which are counted', async () => {
    const top = await tree('a', 'l -> a', 'm -> nothing');
    execFileSync('mkfifo', [join(top, 'pipe')]);
    expect(await offered(top)).toEqual(['top/a', '2 symbolic links, 1 pipe']);
  });

  test.each([
    ['dir', 'dir/'],
    ['dir/', 'dir/'],
    ['dir//', 'dir/'],
    ['dir/.', 'dir/'],
    ['dir/sub/..', 'dir/'],
    ['dir/sub', 'sub/'],
    ['dir/link', 'link/'],
  ])('%s as %s', async (path, name) => {
    const parent = await temporaryDirectory();
    await mkdir(join(parent, 'dir/sub'), { recursive: true });
    await symlink('sub', join(parent, 'dir/link'));
    const [first = ''] = await offered(`${parent}/${path}`);
    expect(first.startsWith(name)).toBe(true);
  });
});

describe('links', () => {
  test('are sent as they are', async () => {
    const top = await tree('a/b', 'a/l -> ../c', 'c/x', 'm -> nothing');
    expect(await offered(top, { links: 'send' })).toEqual([
      'top/a/b',
      'top/a/l -> ../c',
      'top/c/x',
      'top/m -> nothing',
    ]);
  });

  test.each(['/etc/passwd', '..', '../other', 'a/../../x'])('to %s are refused before anything is sent', async (to) => {
    const top = await tree('a/b', `l -> ${to}`);
    await expect(gather([top], { links: 'send' })).rejects.toMatchObject({
      code: 'ERR_LOCAL_FILE',
      message: expect.stringMatching(/^cannot send .*\/top\/l: the link to .* --exclude$/),
    });
  });

  test('are followed to files and directories, into none twice', async () => {
    const top = await tree('a/b', 'a/up -> ..', 'c -> a', 'f -> a/b', 'out -> ../out', 'z -> nothing', 'loop -> loop');
    await mkdir(join(top, '../out'));
    await writeFile(join(top, '../out/o'), '');
    await symlink('../top', join(top, '../out/back'));
    expect(await offered(top, { links: 'follow' })).toEqual([
      'top/a/b',
      'top/f',
      'top/out/o',
      '2 broken symbolic links, 3 directories that are sent already',
    ]);
  });
});

describe('nothing is sent', () => {
  test('of a tree with a name that is not UTF-8', async () => {
    const top = await tree('a');
    await writeFile(Buffer.concat([Buffer.from(`${top}/b`), Buffer.from([0xff, 0x0a])]), '');
    await expect(gather([top])).rejects.toMatchObject({
      code: 'ERR_LOCAL_FILE',
      message: `cannot send ${top}/b\\xff\\u{a}: its name is not UTF-8; rename it, or leave it out with --exclude`,
    });
    expect(await offered(top, { exclude: ['b*'] })).toEqual(['top/a', '1 excluded name']);
  });

  test('of a tree with a directory that cannot be read', async () => {
    const top = await tree('a/b', 'c');
    const { files } = watchedFileSystem((call) => {
      if (call.name === 'readdir a') throw fault('EACCES');
      return call.run(...call.args);
    });
    await expect(gather([top], {}, files)).rejects.toThrow(`cannot send ${top}/a: permission denied`);
  });

  test('of a tree that is too deep', async () => {
    const deepest = `${'d/'.repeat(62)}f`; // with top and f 64 components
    expect(await offered(await tree(deepest))).toEqual([`top/${deepest}`]);
    for (const path of [`d/${deepest}`, `d/${deepest}/`]) {
      await expect(gather([await tree(path)])).rejects.toThrow('it is more than 64 directories deep');
    }
  });

  test('of two operands that would arrive as the same', async () => {
    const [one, other] = [await tree('a'), await tree('b')];
    await expect(gather([one, other])).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: `${one} and ${other} would both arrive as top: send one of them alone, with --as NAME`,
    });
  });

  test('of / without a name', async () => {
    await expect(gather(['/'])).rejects.toThrow(
      'cannot send /: it has no name; name what is in it, or give it one with --as NAME',
    );
  });
});

test('a file that goes away after the walk fails alone, and so does one that another took the place of', async () => {
  const top = await tree('a', 'b', 'c', 'd');
  const out = await temporaryDirectory();
  const { files } = watchedFileSystem(async (call) => {
    const result = await call.run(...call.args);
    if (call.name === 'lstat d') {
      await rm(join(top, 'b'));
      await rm(join(top, 'c'));
      await symlink('/etc/passwd', join(top, 'c'));
    }
    return result;
  });
  const { entries } = await gather([top], {}, files);
  const into = await openStore(out);
  expect(await sendEntries(entries, into)).toEqual([
    'top/b: sourceUnreadable cannot read b: no such file or directory',
    'top/c: sourceChanged c changed while it was read',
  ]);
  await into.close();
});
