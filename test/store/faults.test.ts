import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openStore, type StoreOptions } from '../../src/store/file-store.ts';
import { bytesLike } from './content.ts';
import { codeName, Entry, offerOf, sha256, store, text } from './drive.ts';
import { openInside, temporaryDirectory } from './temporary.ts';
import { fault, type Intercept, watchedFileSystem } from './watched-file-system.ts';

const CONTENT = bytesLike(600_000);

async function world(intercept?: Intercept, options?: StoreOptions) {
  const out = join(await temporaryDirectory(), 'out');
  await mkdir(out);
  const { files, calls } = watchedFileSystem(intercept);
  const into = await openStore(out, options, files);
  calls.length = 0; // what opening the directory did is another matter
  return { out, into, calls };
}

const send = (into: Awaited<ReturnType<typeof openStore>>) => store(into, offerOf('file', { size: CONTENT.length }), CONTENT);

/** The calls of one undisturbed entry. */
async function undisturbed(options?: StoreOptions): Promise<string[]> {
  const { into, calls } = await world(undefined, options);
  expect(await send(into)).toEqual({ code: 'ok', text: '' });
  const made = [...calls];
  await into.close();
  return made;
}

test('the order of calls is write, fsync, link, unlink, fsync of the directory, receipt', async () => {
  const calls = (await undisturbed()).filter((call, i, all) => call !== all[i - 1]);
  expect(calls).toEqual([
    'lstat file',
    'statfs directory',
    'open part',
    'open journal',
    'writeFile journal',
    'close journal',
    'writev part',
    'chmod part',
    'sync part',
    'close part',
    'stat directory',
    'link part',
    'unlink part',
    'sync directory',
    'unlink journal',
  ]);
});

test('overwriting is the same with a rename of the verified file', async () => {
  const { out, into, calls } = await world(undefined, { exists: 'overwrite' });
  await store(into, offerOf('file'), bytesLike(10));
  calls.length = 0;
  await store(into, offerOf('file'), bytesLike(20));
  await into.close();
  expect(calls.slice(calls.indexOf('sync part'))).toEqual([
    'sync part',
    'close part',
    'stat directory',
    'link part',
    'lstat file',
    'rename part',
    'unlink part',
    'sync directory',
    'unlink journal',
    'close directory',
  ]);
  expect((await readFile(join(out, 'file'))).equals(bytesLike(20))).toBe(true);
});

test('every call failing, one per run: an error and nothing left, or the whole file', async () => {
  const calls = await undisturbed();
  for (const [index, name] of calls.entries()) {
    let failing = -1;
    const { out, into } = await world(async (call) => {
      // A failed close closes all the same.
      if (failing++ !== index) return call.run(...call.args);
      if (call.name.startsWith('close')) await call.run();
      throw fault('EIO');
    });
    failing = 0;
    const outcome = await send(into);
    await into.close();
    const left = await readdir(out);
    const harmless = ['statfs directory', 'unlink part', 'unlink journal'].includes(name);
    const published = harmless || name === 'sync directory';
    expect([name, outcome.code === 'ok']).toEqual([name, harmless]);
    expect([name, left.includes('file')]).toEqual([name, published]);
    if (published) expect((await readFile(join(out, 'file'))).equals(CONTENT)).toBe(true);
    expect([name, left.filter((other) => other !== 'file').length]).toEqual([name, name.startsWith('unlink') ? 0 : 0]);
    expect([name, await openInside(out)]).toEqual([name, process.platform === 'linux' ? [] : undefined]);
  }
});

test('an abort before every call, one per run: nothing left, or the whole file when it was published', async () => {
  const calls = await undisturbed();
  for (const [index, name] of calls.entries()) {
    let seen = -1;
    let entry: Entry | undefined;
    const { out, into } = await world(async (call) => {
      if (entry !== undefined && seen++ === index) entry.sink.abort();
      return call.run(...call.args);
    });
    seen = 0;
    await abortable(into, (made) => {
      entry = made;
    });
    await into.close();
    const left = await readdir(out);
    expect([name, left]).toEqual([name, index < calls.indexOf('stat directory') ? [] : ['file']]);
    if (left.length > 0) expect((await readFile(join(out, 'file'))).equals(CONTENT)).toBe(true);
    expect([name, await openInside(out)]).toEqual([name, process.platform === 'linux' ? [] : undefined]);
  }
});
