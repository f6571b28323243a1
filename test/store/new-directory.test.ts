import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../src/store/file-store.ts';
import type { Offer } from '../../src/transfer/messages.ts';
import type { Owner } from '../../src/transfer/ports.ts';
import { codeName, Entry, offerOf, SOMEBODY, text } from './drive.ts';
import { openInside, temporaryDirectory } from './temporary.ts';
import { describeTree } from './tree.ts';
import { watchedFileSystem } from './watched-file-system.ts';

const CONTENT = Buffer.from('new');
const SOMEBODY_ELSE: Owner = { heardAt: 0, ping: () => {}, replace: () => {} };

const offer = (path: string): Offer =>
  offerOf('', { path: path.split('/').map((component) => Buffer.from(component)), size: CONTENT.length });

/** A store in which one transfer has put `d/first`, so that it made `d`. */
async function scene() {
  const parent = await temporaryDirectory();
  const out = join(parent, 'out');
  const victim = join(parent, 'victim');
  await writeFile(victim, 'old');
  const { files, calls } = watchedFileSystem();
  const into = await openStore(out, {}, files);
  const send = async (path: string, owner = SOMEBODY, meanwhile = async () => {}) => {
    const entry = new Entry(into, offer(path), owner);
    const { verdict } = await entry.verdict();
    await meanwhile();
    if (verdict === 'accept') entry.write(CONTENT);
    if (verdict === 'refuse') return 'refuse';
    const receipt = await entry.end(CONTENT);
    return `${codeName(receipt.code)} ${text(receipt.text)}`.trim();
  };
  expect(await send('d/first')).toBe('ok');
  return { out, victim, into, calls, send };
}

test('in a directory that was made for the same transfer no look is needed whether a name is taken', async () => {
  const { into, calls, send } = await scene();
  expect(await send('d/second')).toBe('ok');
  expect(calls).not.toContain('lstat second');
  expect(await send('d/third', SOMEBODY_ELSE)).toBe('ok');
  expect(calls).toContain('lstat third');
  await into.close();
});

test.each<[string, (at: string) => Promise<unknown>, string]>([
  ['a link', (at) => symlink('../../victim', at), 'exists d/f exists'],
  ['a link to nothing', (at) => symlink('nothing', at), 'exists d/f exists'],
  ['a directory', (at) => mkdir(at), 'exists d/f exists'],
  ['another file', (at) => writeFile(at, 'old'), 'exists d/f exists'],
  ['the same file', (at) => writeFile(at, CONTENT), 'ok already there'],
])('%s that somebody put there meanwhile stays', async (_what, put, outcome) => {
  const { out, victim, into, send } = await scene();
  const at = join(out, 'd', 'f');
  let before: unknown;
  const meanwhile = async (): Promise<void> => {
    await put(at);
    before = await describeTree(join(out, 'd'));
  };
  expect(await send('d/f', SOMEBODY, meanwhile)).toBe(outcome);
  expect(await describeTree(join(out, 'd'))).toEqual(before);
  await into.close();
  expect(await readFile(victim, 'utf8')).toBe('old');
  expect((await openInside(out)) ?? []).toEqual([]);
});

test('a path that one transfer offers twice is stored once', async () => {
  const { out, into, send } = await scene();
  expect(await send('d/first')).toBe('ok already there');
  expect(await readFile(join(out, 'd', 'first'), 'utf8')).toBe('new');
  await into.close();
});
