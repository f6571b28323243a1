import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EXISTS_POLICIES, type ExistsPolicy } from '../../src/store/exists-policy.ts';
import { openStore } from '../../src/store/file-store.ts';
import type { FileSystem } from '../../src/store/file-system.ts';
import { bytesLike } from './content.ts';
import { codeName, Entry, offerOf, store, text } from './drive.ts';
import { temporaryDirectory } from './temporary.ts';
import { describeTree } from './tree.ts';
import { fault, watchedFileSystem } from './watched-file-system.ts';

/** What may be there already. Each is called `name.txt` in `out`; a victim it may lead to is beside `out`. */
const THERE: Record<string, (path: string) => Promise<unknown> | unknown> = {
  'a file': (path) => writeFile(path, 'old'),
  'a read-only file': (path) => writeFile(path, 'old').then(() => chmod(path, 0o444)),
  'a directory': (path) => mkdir(path),
  'a link to a file': (path) => symlink('../victim.txt', path),
  'a link to a directory': (path) => symlink('../victims', path),
  'a dangling link': (path) => symlink('../nothing.txt', path),
  'a FIFO': (path) => execFileSync('mkfifo', [path]),
  'a socket': async (path) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    onTestFinished(() => void server.close());
  },
};

const overwritten = new Set(['a file', 'a read-only file']);

function expected(policy: ExistsPolicy, what: string): { code: string; text: string } {
  if (policy === 'rename') return { code: 'ok', text: 'stored as name (1).txt' };
  if (policy !== 'overwrite') return { code: 'exists', text: 'name.txt exists' };
  if (overwritten.has(what)) return { code: 'ok', text: '' };
  return { code: 'exists', text: 'name.txt exists and is not a regular file' };
}

async function scene() {
  const parent = await temporaryDirectory();
  await mkdir(join(parent, 'out'));
  await mkdir(join(parent, 'victims'));
  await writeFile(join(parent, 'victim.txt'), 'victim');
  return { parent, out: join(parent, 'out'), path: join(parent, 'out', 'name.txt') };
}

/** Also as on a file system without hard links. */
const WITHOUT_LINKS: FileSystem = watchedFileSystem((call) => {
  if (call.name.startsWith('link ')) throw fault('EPERM');
  return call.run(...call.args);
}).files;

const rows = EXISTS_POLICIES.flatMap((policy) => Object.keys(THERE).map((what) => ({ policy, what })));

describe.each([
  { world: 'hard links', files: undefined },
  { world: 'no hard links', files: WITHOUT_LINKS },
])('with $world', ({ files }) => {
  test.each(rows)('$policy: $what that was there before the offer', async ({ policy, what }) => {
    const { parent, out, path } = await scene();
    await THERE[what]?.(path);
    const before = await describeTree(parent);
    const into = await openStore(out, { exists: policy }, files);
    const content = bytesLike(5_000);
    const outcome = await store(into, offerOf('name.txt', { size: content.length }), content);
    await into.close();
    const want = expected(policy, what);
    const text = what === 'a directory' ? 'name.txt exists and is a directory' : want.text;
    const early = { text, code: `${policy === 'skip' ? 'skip' : 'refuse'} exists` };
    expect(outcome).toEqual(want.code === 'ok' ? want : early);
    const { left, stored } = await outcomeOf(parent, before, policy, want.code);
    expect(left).toEqual(before);
    expect(stored?.equals(content) ?? want.code === 'exists').toBe(true);
  });

  test.each(rows)('$policy: $what that appears while the content comes', async ({ policy, what }) => {
    const { parent, out, path } = await scene();
    const into = await openStore(out, { exists: policy }, files);
    const content = bytesLike(5_000);
    const entry = new Entry(into, offerOf('name.txt'));
    expect((await entry.verdict()).verdict).toBe('accept');
    entry.write(content);
    await THERE[what]?.(path);
    const before = (await describeTree(parent)).filter((line) => !line.includes('.udpcp-'));
    const receipt = await entry.end(content);
    await into.close();
    const want = expected(policy, what);
    expect({ code: codeName(receipt.code), text: text(receipt.text) }).toEqual(want);
    const { left, stored } = await outcomeOf(parent, before, policy, want.code);
    expect(left).toEqual(before);
    expect(stored?.equals(content) ?? want.code === 'exists').toBe(true);
  });

  test.each([
    ['refuse', ['exists', 'ok'], 1],
    ['skip', ['exists', 'ok'], 1],
    ['overwrite', ['ok', 'ok'], 1],
    ['rename', ['ok', 'ok'], 2],
  ] as const)('%s: two entries of one name in one run', async (policy, codes, count) => {
    const { out } = await scene();
    const into = await openStore(out, { exists: policy }, files);
    const contents = [bytesLike(70_001), bytesLike(70_002)];
    const entries = contents.map(() => new Entry(into, offerOf('name.txt')));
    await Promise.all(entries.map((entry) => entry.verdict()));
    entries.forEach((entry, i) => {
      entry.write(contents[i] ?? Buffer.alloc(0));
    });
    const receipts = await Promise.all(entries.map((entry, i) => entry.end(contents[i] ?? Buffer.alloc(0))));
    await into.close();
    expect(receipts.map(({ code }) => codeName(code)).sort()).toEqual(codes);
    const names = (await describeTree(out)).map((line) => line.split('"')[1] ?? '');
    expect(names).toHaveLength(count);
    for (const name of names) {
      const stored = await readFile(join(out, name));
      expect(contents.some((content) => stored.equals(content))).toBe(true);
    }
  });
});

/** The tree without what was stored, and what was stored; an overwritten file counts as untouched when it is the new one. */
async function outcomeOf(parent: string, before: readonly string[], policy: ExistsPolicy, code: string) {
  const after = await describeTree(parent);
  if (code !== 'ok') return { left: after, stored: undefined };
  const name = policy === 'rename' ? 'name (1).txt' : 'name.txt';
  const stored = await readFile(join(parent, 'out', name));
  const old = before.find((line) => line.startsWith('"out/name.txt"')) ?? '';
  const left = after.flatMap((line) =>
    line.startsWith(`"out/${name}"`) ? (policy === 'rename' ? [] : [old]) : [line],
  );
  return { left, stored };
}

test('rename takes the first number that is free', async () => {
  const { out, path } = await scene();
  await writeFile(path, 'old');
  await symlink('nowhere', join(out, 'name (1).txt'));
  await mkdir(join(out, 'name (2).txt'));
  const into = await openStore(out, { exists: 'rename' });
  expect(await store(into, offerOf('name.txt'), bytesLike(1))).toEqual({ code: 'ok', text: 'stored as name (3).txt' });
  expect(await store(into, offerOf('name.txt'), bytesLike(2))).toEqual({ code: 'ok', text: 'stored as name (4).txt' });
  await into.close();
});

test('without hard links, a file that takes the place of our empty one is not clobbered', async () => {
  const { out, path } = await scene();
  const { files } = watchedFileSystem(async (call) => {
    if (call.name.startsWith('link ')) throw fault('ENOTSUP');
    if (call.name === 'close name.txt') {
      const closed = await call.run();
      const { rename } = await import('node:fs/promises');
      await writeFile(`${path}.theirs`, 'theirs');
      await rename(`${path}.theirs`, path);
      return closed;
    }
    return call.run(...call.args);
  });
  const into = await openStore(out, {}, files);
  expect(await store(into, offerOf('name.txt'), bytesLike(10))).toEqual({ code: 'exists', text: 'name.txt exists' });
  await into.close();
  expect(await readFile(path, 'utf8')).toBe('theirs');
  expect((await describeTree(out)).length).toBe(1);
});

test('without hard links, our empty file does not outlive a rename that fails', async () => {
  const { out } = await scene();
  const { files } = watchedFileSystem(async (call) => {
    if (call.name.startsWith('link ')) throw fault('ENOTSUP');
    if (call.name.startsWith('rename ')) throw fault('EIO');
    return call.run(...call.args);
  });
  const into = await openStore(out, {}, files);
  expect(await store(into, offerOf('name.txt'), bytesLike(10))).toEqual({
    code: 'store',
    text: 'cannot store name.txt: i/o error',
  });
  await into.close();
  expect(await describeTree(out)).toEqual([]);
});
