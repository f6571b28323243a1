import { chmod, lutimes, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkName } from '../../src/store/names.ts';
import { NAME_ROWS, nameBytes } from './name-rows.ts';
import { listTree, sendPaths } from './send-tree.ts';
import { temporaryDirectory } from './temporary.ts';

const decoder = new TextDecoder();
const isGood = (name: string): boolean => checkName(Buffer.from(name), { allowHidden: true }).ok;
/** Every name of the corpus that may be a file here, and any others that may. */
const name = fc.oneof(
  fc.constantFrom(...NAME_ROWS.map((row) => decoder.decode(nameBytes(row))).filter(isGood)),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter(isGood),
  fc.constantFrom('a', 'b', '.hidden', '...', ' ', '~', '-p', 'CON', 'a*?b'),
);
const mtime = fc.integer({ min: -1_000_000_000_000, max: 4_000_000_000_000 });
const mode = fc.integer({ min: 0, max: 0o777 });

type Node =
  | { readonly kind: 'file'; readonly content: Uint8Array; readonly mtime: number; readonly mode: number }
  | { readonly kind: 'link'; readonly target: string }
  | {
      readonly kind: 'directory';
      readonly entries: Record<string, Node>;
      readonly mtime: number;
      readonly mode: number;
    };

const { tree } = fc.letrec<{ tree: Node; node: Node }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('file' as const), content: fc.uint8Array({ maxLength: 5_000 }), mtime, mode }),
    fc.record({ kind: fc.constant('link' as const), target: name }),
    tie('tree'),
  ),
  tree: fc.record({
    kind: fc.constant('directory' as const),
    entries: fc.dictionary(name, tie('node'), { maxKeys: 6, noNullPrototype: true }),
    mtime,
    mode: mode.map((bits) => bits | 0o700),
  }),
}));

/** Makes it all. */
async function build(path: string, node: Node): Promise<void> {
  if (node.kind === 'link') return symlink(node.target, path);
  if (node.kind === 'file') await writeFile(path, node.content);
  else {
    await mkdir(path);
    for (const [below, child] of Object.entries(node.entries)) await build(join(path, below), child);
  }
  await chmod(path, node.mode);
  const seconds = `${(node.mtime + 0.5) / 1000}`; // as a number one before 1970 would mean now
  await utimes(path, seconds, seconds);
}

/** What the receiver's umask takes away. */
const withoutUmask = (lines: readonly string[]): string[] =>
  lines.map((line) =>
    line.replace(/ ([0-7]{1,4}) (-?\d+)( [0-9a-f]{64})?$/, (_all, bits: string, ...rest: readonly string[]) => {
      const kept = Number.parseInt(bits, 8) & ~process.umask();
      return ` ${kept.toString(8)} ${rest[0]}${rest[1] ?? ''}`;
    }),
  );

const { UDPCP_RUNS = '60' } = process.env;

test('a copy that keeps everything is equal, whatever the tree and its names', { timeout: 600_000 }, async () => {
  let links = 0;
  let deepest = 0;
  await fc.assert(
    fc.asyncProperty(tree, async (root) => {
      const parent = await temporaryDirectory();
      const [source, out] = [join(parent, 'source'), join(parent, 'out')];
      await build(source, root);
      await mkdir(out);
      expect(await sendPaths([source], out, { links: 'send', preserve: true })).toEqual([]);
      const lines = await listTree(source);
      expect(await listTree(join(out, 'source'))).toEqual(withoutUmask(lines));
      expect(await readdir(out)).toEqual(['source']);
      links += lines.filter((line) => line.includes(' -> ')).length;
      deepest = Math.max(deepest, ...lines.map((line) => line.split('/').length));
    }),
    { numRuns: Number(UDPCP_RUNS) },
  );
  expect(links).toBeGreaterThan(0);
  expect(deepest).toBeGreaterThan(3);
});

test('a link and a directory have the names that were sent, their times after all that is in them', async () => {
  const parent = await temporaryDirectory();
  const source = join(parent, 'source');
  await mkdir(join(source, 'a/b'), { recursive: true });
  for (let i = 0; i < 300; i++) await writeFile(join(source, `a/b/f${i}`), `${i}`);
  await symlink('b/f1', join(source, 'a/l'));
  for (const path of ['a/b', 'a', '']) await utimes(join(source, path), 1_000_000_000, 1_000_000_000.123);
  await lutimes(join(source, 'a/l'), 5, 5);
  const out = join(parent, 'out');
  expect(await sendPaths([source], out, { links: 'send', preserve: true })).toEqual([]);
  expect(await listTree(join(out, 'source'))).toEqual(withoutUmask(await listTree(source)));
});

test('without -p files and directories are as new ones are', async () => {
  const parent = await temporaryDirectory();
  const source = join(parent, 'source');
  await mkdir(join(source, 'empty'), { recursive: true });
  await writeFile(join(source, 'f'), 'f', { mode: 0o777 });
  await utimes(join(source, 'f'), 1, 1);
  const began = Date.now();
  const out = join(parent, 'out');
  expect(await sendPaths([source], out)).toEqual([]);
  const [empty = '', file = ''] = await listTree(join(out, 'source'));
  const mask = ~process.umask();
  expect(empty).toMatch(new RegExp(`^empty/ ${(0o777 & mask).toString(8)} `));
  expect(file).toMatch(new RegExp(`^f 1 ${(0o666 & mask).toString(8)} `));
  expect(Number(file.split(' ')[3])).toBeGreaterThan(began - 10_000);
});

test('a tree is added to one that is there, and nothing of that is changed', async () => {
  const parent = await temporaryDirectory();
  const [source, out] = [join(parent, 'source'), join(parent, 'out')];
  await mkdir(join(source, 'both'), { recursive: true });
  await writeFile(join(source, 'both/new'), 'new');
  await writeFile(join(source, 'both/old'), 'new');
  await mkdir(join(out, 'source/both'), { recursive: true });
  await chmod(join(out, 'source/both'), 0o750);
  await writeFile(join(out, 'source/both/old'), 'old');
  expect(await sendPaths([source], out, { preserve: true })).toEqual([
    'source/both/old: exists source/both/old exists',
  ]);
  expect(await readFile(join(out, 'source/both/old'), 'utf8')).toBe('old');
  expect(await readFile(join(out, 'source/both/new'), 'utf8')).toBe('new');
  expect((await listTree(out))[1]).toMatch(/^source\/both\/ 750 /);
});
