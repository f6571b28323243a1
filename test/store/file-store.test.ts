import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openStore, type StoreOptions } from '../../src/store/file-store.ts';
import { bytesLike } from './content.ts';
import { codeName, Entry, offerOf, sha256, store, text } from './drive.ts';
import { openInside, temporaryDirectory } from './temporary.ts';

async function opened(options?: StoreOptions) {
  const path = await temporaryDirectory();
  return { path, into: await openStore(path, options) };
}

const READY = 256 * 1024;
const BATCH = 1024 * 1024;

describe('an entry that arrives whole', () => {
  test.each([
    { size: 0, slices: [1] },
    { size: 1, slices: [1] },
    { size: 1200, slices: [7, 100, 1] },
    { size: READY - 1, slices: [1200] },
    { size: READY, slices: [1200] },
    { size: READY + 1, slices: [READY] },
    { size: BATCH, slices: [65_000] },
    { size: BATCH + 1, slices: [BATCH + 1] },
    { size: BATCH + 1, slices: [1_000] },
    { size: 9_999_999, slices: [1181, 65_536, 1, 300_000] },
  ])('is stored: $size bytes in slices of $slices', async ({ size, slices }) => {
    const { path, into } = await opened();
    const content = bytesLike(size);
    const entry = new Entry(into, offerOf('whole.bin', { size }));
    expect(await entry.verdict()).toEqual({ verdict: 'accept', code: 0, offset: 0, text: new Uint8Array(0) });
    entry.write(content, slices);
    await entry.allTaken();
    expect(await readdir(path)).not.toContain('whole.bin');
    expect(await entry.end(content)).toEqual({ code: 0, size, digest: sha256(content), text: new Uint8Array(0) });
    expect((await readFile(join(path, 'whole.bin'))).equals(content)).toBe(true);
    expect(await readdir(path)).toEqual(['whole.bin']);
    await into.close();
    expect((await openInside(path)) ?? []).toEqual([]);
  });

  test.each([
    [undefined, 0o666],
    [0o7777, 0o777],
    [0o6755, 0o755],
    [0o640, 0o640],
    [0o400, 0o400],
  ])('offered with mode %o gets those bits at most, without those of the umask', async (mode, bits) => {
    const { path, into } = await opened();
    expect(await store(into, offerOf('plain', { mode }), bytesLike(10))).toEqual({ code: 'ok', text: '' });
    expect((await stat(join(path, 'plain'))).mode & 0o7777).toBe(bits & ~process.umask());
    await into.close();
  });

  test('may be open beside others', async () => {
    const { path, into } = await opened();
    const contents = Array.from({ length: 16 }, (_, i) => bytesLike(100_000 + i));
    const outcomes = contents.map((content, i) => store(into, offerOf(`file ${i}`), content, [997]));
    expect(new Set((await Promise.all(outcomes)).map(({ code }) => code))).toEqual(new Set(['ok']));
    for (const [i, content] of contents.entries()) {
      expect((await readFile(join(path, `file ${i}`))).equals(content)).toBe(true);
    }
    await into.close();
  });

  test('bytes count as taken without an end and without more bytes: a peer may wait for their credit', async () => {
    const { into } = await opened();
    const entry = new Entry(into, offerOf('slow'));
    await entry.verdict();
    for (let i = 0; i < 3; i++) {
      entry.write(bytesLike(100));
      await entry.allTaken();
    }
    await into.close();
  });

  test('a view belongs to the caller again as soon as it counts as taken', async () => {
    const { path, into } = await opened();
    const content = bytesLike(3_000);
    const entry = new Entry(into, offerOf('views'));
    await entry.verdict();
    const view = new Uint8Array(1_000);
    for (let at = 0; at < content.length; at += 1_000) {
      view.set(content.subarray(at, at + 1_000));
      entry.write(view, [1_000]);
      await entry.allTaken();
      view.fill(0xee);
    }
    await entry.end(content);
    expect((await readFile(join(path, 'views'))).equals(content)).toBe(true);
    await into.close();
  });
});

describe('nothing is published', () => {
  test.each([
    { what: 'the digest differs', end: (content: Uint8Array) => [content.length, sha256(bytesLike(1))] as const },
    {
      what: 'the digest is short',
      end: (content: Uint8Array) => [content.length, sha256(content).subarray(1)] as const,
    },
    { what: 'bytes are missing', end: (content: Uint8Array) => [content.length + 1, sha256(content)] as const },
    { what: 'bytes are too many', end: (content: Uint8Array) => [content.length - 1, sha256(content)] as const },
  ])('when $what', async ({ end }) => {
    const { path, into } = await opened();
    const content = bytesLike(300_000);
    const entry = new Entry(into, offerOf('damaged'));
    await entry.verdict();
    entry.write(content);
    entry.sink.end(...end(content));
    const receipt = await entry.receipt();
    expect([codeName(receipt.code), text(receipt.text)]).toEqual([
      'digest',
      'damaged: what arrived is not what was sent',
    ]);
    expect([receipt.size, receipt.digest]).toEqual([content.length, sha256(content)]);
    expect(await readdir(path)).toEqual([]);
    await into.close();
  });

  test('when the store closes in the middle of it, and later offers are refused', async () => {
    const { path, into } = await opened();
    const entry = new Entry(into, offerOf('half'));
    await entry.verdict();
    entry.write(bytesLike(1_000_000));
    await into.close();
    await into.close();
    expect(await readdir(path)).toEqual([]);
    expect((await openInside(path)) ?? []).toEqual([]);
    expect(await store(into, offerOf('late'), bytesLike(1))).toEqual({
      code: 'refuse cancelled',
      text: 'the receiver is closing',
    });
  });
});

describe('an offer is refused before its content comes', () => {
  const long = (size: number) => ({ size });
  test.each([
    [
      'a directory with content',
      offerOf('d', { entryKind: 'directory', size: 1 }),
      'refuse unsupported',
      'a directory has no content',
    ],
    [
      'a link that is not in a directory',
      offerOf('l', { entryKind: 'link', target: Buffer.from('x') }),
      'refuse name',
      'the link is not inside a directory that is sent',
    ],
    ['no name', offerOf('a', { path: [] }), 'refuse name', 'the name is empty'],
    ['a traversal', offerOf('../x'), 'refuse name', 'the name contains a path separator'],
    ['a hidden name', offerOf('.bashrc'), 'refuse name', 'the name is hidden (begins with a dot)'],
    [
      'a file above the limit',
      offerOf('big', long(1001)),
      'refuse tooLarge',
      'big is larger than 1000 bytes, the most that is taken',
    ],
  ])('%s', async (_what, offer, code, words) => {
    const { path, into } = await opened({ maxSize: 1000 });
    expect(await store(into, offer, bytesLike(1))).toEqual({ code, text: words });
    expect(await readdir(path)).toEqual([]);
    await into.close();
  });

  test('a file that is larger than the disk', async () => {
    const { into } = await opened();
    const outcome = await store(into, offerOf('huge', long(Number.MAX_SAFE_INTEGER)), bytesLike(1));
    expect(outcome.code).toBe('refuse space');
    expect(outcome.text).toMatch(/^cannot store huge: it has 9007199254740991 bytes, and \d+ are free$/);
    await into.close();
  });

  test('what it takes for a refused entry is thrown away and counted', async () => {
    const { into } = await opened();
    const entry = new Entry(into, offerOf('..'));
    entry.write(bytesLike(5_000));
    await entry.allTaken();
    entry.sink.end(1, sha256(bytesLike(1)));
    entry.sink.abort();
    expect(entry.sink.receipt()).toBeUndefined();
    await into.close();
  });
});

test('a hidden name is taken when it is allowed, never one of our own', async () => {
  const { path, into } = await opened({ allowHidden: true });
  expect(await store(into, offerOf('.bashrc'), bytesLike(1))).toEqual({ code: 'ok', text: '' });
  expect((await store(into, offerOf('.udpcp-0011223344556677.part'), bytesLike(1))).code).toBe('refuse name');
  expect(await readdir(path)).toEqual(['.bashrc']);
  await into.close();
});

test('content of unknown size that passes the limit is not stored, and its rest is thrown away', async () => {
  const { path, into } = await opened({ maxSize: 100_000 });
  const content = bytesLike(3_000_000);
  const entry = new Entry(into, offerOf('endless'));
  await entry.verdict();
  entry.write(content);
  const receipt = await entry.receipt();
  expect(codeName(receipt.code)).toBe('tooLarge');
  entry.write(content);
  await entry.allTaken();
  expect(await readdir(path)).toEqual([]);
  await into.close();
});

describe('the output directory', () => {
  test('is created when only its last component is missing', async () => {
    const parent = await temporaryDirectory();
    const first = await openStore(join(parent, 'new/'));
    expect([first.created, await readdir(parent)]).toEqual([true, ['new']]);
    await first.close();
    const second = await openStore(join(parent, 'new'));
    expect(second.created).toBe(false);
    await second.close();
  });

  test.each([
    ['missing/parent', 'its parent does not exist; create it first'],
    ['file', 'not a directory'],
    ['file/below', 'not a directory'],
    ['dangling', 'it is a symbolic link to nothing'],
  ])('%s cannot be used', async (name, words) => {
    const parent = await temporaryDirectory();
    await writeFile(join(parent, 'file'), '');
    await symlink('nowhere', join(parent, 'dangling'));
    const path = join(parent, name);
    await expect(openStore(path)).rejects.toMatchObject({
      code: 'ERR_LOCAL_STORE',
      message: `cannot use ${path} as the output directory: ${words}`,
    });
    expect((await readdir(parent)).sort()).toEqual(['dangling', 'file']);
    expect((await openInside(parent)) ?? []).toEqual([]);
  });

  test('may be a relative path, a link, have spaces or be written from right to left', async () => {
    const parent = await temporaryDirectory();
    await mkdir(join(parent, 'real'));
    await symlink('real', join(parent, 'link'));
    for (const path of [
      relative('.', join(parent, 'a')),
      join(parent, 'link'),
      join(parent, ' b c '),
      join(parent, '\u05e9'),
    ]) {
      const into = await openStore(path);
      expect((await store(into, offerOf('x'), bytesLike(3))).code).toBe('ok');
      expect(await readdir(path)).toEqual(['x']);
      await into.close();
    }
    expect((await readdir(parent)).sort()).toEqual([' b c ', 'a', 'link', 'real', '\u05e9']);
  });
});
