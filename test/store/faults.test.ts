import { mkdir, readdir, readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openStore, type StoreOptions } from '../../src/store/file-store.ts';
import { bytesLike } from './content.ts';
import { codeName, Entry, offerOf, store, text } from './drive.ts';
import { openInside, temporaryDirectory } from './temporary.ts';
import { fault, type Intercept, watchedFileSystem } from './watched-file-system.ts';

const CONTENT = bytesLike(600_000);
/** More than a chunk: its part can be found again. */
const LARGE = bytesLike(1_400_000);
const NOTHING_OPEN = process.platform === 'linux' ? [] : undefined;

/** A store whose calls from now on are seen, and changed by `intercept`. */
async function world(intercept?: Intercept, options?: StoreOptions) {
  const out = join(await temporaryDirectory(), 'out');
  await mkdir(out);
  let ready = false;
  const { files, calls } = watchedFileSystem((call, index) =>
    ready && intercept !== undefined ? intercept(call, index) : call.run(...call.args),
  );
  const into = await openStore(out, options, files);
  calls.length = 0;
  ready = true;
  return { out, into, calls };
}

const send = (into: Awaited<ReturnType<typeof openStore>>, content = CONTENT) =>
  store(into, offerOf('file', { size: content.length }), content, [content.length]);

/** The calls of one undisturbed entry. */
async function undisturbed(content = CONTENT): Promise<string[]> {
  const { into, calls } = await world();
  expect(await send(into, content)).toEqual({ code: 'ok', text: '' });
  const made = [...calls];
  await into.close();
  return made;
}

describe('the order of calls', () => {
  test('is write, fsync, link, unlink, fsync of the directory, receipt', async () => {
    expect(await undisturbed()).toEqual([
      'stat directory',
      'lstat file',
      'statfs directory',
      'open part',
      'writev part',
      'sync part',
      'close part',
      'link part',
      'unlink part',
      'sync directory',
    ]);
  });

  test('is the same for a part that can be found again, with its lock first and last', async () => {
    expect(await undisturbed(LARGE)).toEqual([
      'stat directory',
      'lstat file',
      'mkdir lock',
      'mkdir holder',
      'rename lock',
      'lstat part',
      'open part',
      'open journal',
      'lstat journal',
      'open journal',
      'writeFile journal',
      'close journal',
      'statfs directory',
      'writev part',
      'chmod part',
      'sync part',
      'close part',
      'link part',
      'unlink part',
      'sync directory',
      'unlink journal',
      'rmdir holder',
      'rmdir lock',
    ]);
  });

  test('is the same for overwriting, with a rename of the verified file', async () => {
    const { out, into, calls } = await world(undefined, { exists: 'overwrite' });
    await store(into, offerOf('file', { size: 10 }), bytesLike(10));
    calls.length = 0;
    await store(into, offerOf('file', { size: 20 }), bytesLike(20));
    const made = calls.slice(calls.indexOf('sync part'));
    await into.close();
    expect(made).toEqual([
      'sync part',
      'close part',
      'link part',
      'lstat file',
      'rename part',
      'unlink part',
      'sync directory',
    ]);
    expect((await readFile(join(out, 'file'))).equals(bytesLike(20))).toBe(true);
  });
});

/** What goes wrong here costs nothing but information or order. */
const isHarmless = (name: string): boolean =>
  name === 'statfs directory' || /^(unlink|rmdir) /.test(name) || name.endsWith('journal');
/** What fails here leaves a part that is whole as far as it goes. */
const KEPT = ['chmod part', 'link part'];

describe.each([
  { what: 'a small file', content: CONTENT },
  { what: 'a part that can be found again', content: LARGE },
])('$what', ({ content }) => {
  test('every call failing, one per run: an error and nothing published, or the whole file', async () => {
    const calls = await undisturbed(content);
    for (const [index, name] of calls.entries()) {
      const { out, into } = await world(async (call, at) => {
        if (at !== index) return call.run(...call.args);
        if (name.startsWith('close')) await call.run(); // a failed close closes all the same
        throw fault('EIO');
      });
      const outcome = await send(into, content);
      await into.close();
      const left = await readdir(out);
      const published = isHarmless(name) || name === 'sync directory';
      expect({ name, stored: outcome.code === 'ok', published: left.includes('file') }).toEqual({
        name,
        stored: isHarmless(name),
        published,
      });
      if (published) expect((await readFile(join(out, 'file'))).equals(content)).toBe(true);
      // Only the name whose removal failed stays behind, or what is kept for the next try.
      const own = left.filter((other) => other !== 'file').map((other) => other.split('.').at(-1));
      const kept = content === LARGE && KEPT.includes(name) ? ['journal', 'part'] : [];
      const unremoved = /^unlink (.*)|^rmdir /.exec(name);
      const stays = unremoved === null ? kept : [unremoved[1] ?? 'lock'];
      expect({ name, own: own.sort() }).toEqual({ name, own: stays });
      expect({ name, open: await openInside(out) }).toEqual({ name, open: NOTHING_OPEN });
    }
  });

  test('an abort before every call, one per run: nothing published, or the whole file', async () => {
    const calls = await undisturbed(content);
    const published = calls.indexOf('link part');
    for (const [index, name] of calls.entries()) {
      let reached = (): void => {};
      const abortedNow = new Promise<void>((resolve) => {
        reached = resolve;
      });
      let entry: Entry | undefined;
      const { out, into } = await world(async (call, at) => {
        if (at === index) {
          await Promise.resolve(); // the first call comes from inside the constructor
          entry?.sink.abort();
          entry?.sink.abort();
          reached();
        }
        return call.run(...call.args);
      });
      entry = new Entry(into, offerOf('file', { size: content.length }));
      const aborting = entry;
      void entry.verdict().then(() => {
        aborting.write(content, [content.length]);
        return aborting.end(content);
      });
      await abortedNow;
      await into.close();
      const left = (await readdir(out)).sort();
      const isWritten = index >= calls.indexOf('writev part');
      const kept = content === LARGE && isWritten ? [/journal$/, /part$/] : [];
      expect({ name, left }).toEqual({
        name,
        left: index < published ? kept.map((end) => expect.stringMatching(end)) : ['file'],
      });
      if (index >= published) expect((await readFile(join(out, 'file'))).equals(content)).toBe(true);
      aborting.write(content); // late content is thrown away
      expect({ name, open: await openInside(out) }).toEqual({ name, open: NOTHING_OPEN });
    }
  });
});

describe('a failure is one line and one code', () => {
  test.each([
    ['writev part', 'ENOSPC', 'space', 'cannot store file: no space left on device'],
    ['writev part', 'EDQUOT', 'space', 'cannot store file: disk quota exceeded'],
    ['writev part', 'EFBIG', 'store', 'cannot store file: file too large'],
    ['writev part', 'EIO', 'store', 'cannot store file: i/o error'],
    ['sync part', 'EIO', 'store', 'cannot store file: i/o error'],
    ['sync part', 'ENOSPC', 'space', 'cannot store file: no space left on device'],
    ['close part', 'EDQUOT', 'space', 'cannot store file: disk quota exceeded'],
    ['link part', 'EROFS', 'store', 'cannot store file: read-only file system'],
    ['link part', 'EACCES', 'store', 'cannot store file: permission denied'],
    ['sync directory', 'EIO', 'store', 'file is complete but may not survive a crash: i/o error'],
    ['open part', 'EMFILE', 'store', 'cannot store file: too many open files'],
    ['open part', 'ENFILE', 'store', 'cannot store file: file table overflow'],
    ['open part', 'EROFS', 'store', 'cannot store file: read-only file system'],
    ['lstat file', 'ENAMETOOLONG', 'refuse name', 'cannot store file: name too long'],
    ['lstat file', 'EACCES', 'refuse store', 'cannot store file: permission denied'],
    ['lstat file', 'EWEIRD', 'refuse store', 'cannot store file: EWEIRD'],
  ])('%s: %s', async (name, code, expected, words) => {
    const unnamed = Object.assign(fault('Unknown system error'), { errno: -constants.errno.EDQUOT }); // as libuv has it
    const { out, into } = await world(async (call) => {
      if (call.name !== name) return call.run(...call.args);
      if (name.startsWith('close')) await call.run();
      throw code === 'EDQUOT' ? unnamed : fault(code);
    });
    expect(await send(into)).toEqual({ code: expected, text: words });
    expect(await readdir(out)).toEqual(name === 'sync directory' ? ['file'] : []);
    await into.close();
  });

  test('a bug of our own is a failure too, and no unhandled rejection', async () => {
    const { into } = await world((call) => {
      if (call.name === 'open part') throw new TypeError('bug');
      return call.run(...call.args);
    });
    expect(await send(into)).toEqual({ code: 'store', text: 'cannot store file: internal error (TypeError)' });
    await into.close();
  });

  test('after it, content is thrown away and counts as taken', async () => {
    const { into } = await world((call) =>
      call.name === 'writev part' ? Promise.reject(fault('ENOSPC')) : call.run(...call.args),
    );
    const entry = new Entry(into, offerOf('file'));
    await entry.verdict();
    entry.write(CONTENT);
    const receipt = await entry.receipt();
    expect([codeName(receipt.code), text(receipt.text)]).toEqual([
      'space',
      'cannot store file: no space left on device',
    ]);
    const woken = entry.waiter.next();
    entry.write(CONTENT, [1000]);
    await woken;
    await entry.allTaken();
    entry.sink.end(CONTENT.length, receipt.digest);
    expect(entry.sink.receipt()).toBe(receipt);
    await into.close();
  });
});

test('an early write-back that fails is not made good by an fsync that succeeds', { timeout: 60_000 }, async () => {
  let failing = 'datasync part';
  const { out, into, calls } = await world((call) =>
    call.name === failing ? Promise.reject(fault('EIO')) : call.run(...call.args),
  );
  const large = Buffer.alloc(40 * 1024 * 1024);
  const outcome = await store(into, offerOf('file'), large, [1024 * 1024]);
  expect(outcome).toEqual({ code: 'store', text: 'cannot store file: i/o error' });
  expect([calls.includes('datasync part'), await readdir(out)]).toEqual([true, []]);
  failing = '';
  expect((await store(into, offerOf('file'), large, [1024 * 1024])).code).toBe('ok');
  await into.close();
});

describe('a disk that is less than perfect', () => {
  test('may take only a part of each write', async () => {
    let calls = 0;
    const { out, into } = await world((call) => {
      if (call.name !== 'writev part') return call.run(...call.args);
      calls++;
      const [pieces, position] = call.args as [Uint8Array[], number];
      return call.run([pieces[0]?.subarray(0, 7_001)], position);
    });
    expect(await send(into)).toEqual({ code: 'ok', text: '' });
    expect(calls).toBeGreaterThanOrEqual(CONTENT.length / 7_001);
    expect((await readFile(join(out, 'file'))).equals(CONTENT)).toBe(true);
    await into.close();
  });

  test('may not take nothing for ever', async () => {
    const { into } = await world((call) =>
      call.name === 'writev part' ? Promise.resolve({ bytesWritten: 0 }) : call.run(...call.args),
    );
    expect((await send(into)).code).toBe('space');
    await into.close();
  });

  test.each([
    ['chmod part', 'EPERM'],
    ['chmod part', 'ENOTSUP'],
    ['sync directory', 'EINVAL'],
  ])('may not know %s (%s)', async (name, code) => {
    const { out, into } = await world((call) =>
      call.name === name ? Promise.reject(fault(code)) : call.run(...call.args),
    );
    expect(await send(into)).toEqual({ code: 'ok', text: '' });
    expect(await readdir(out)).toEqual(['file']);
    await into.close();
  });

  test('may say nothing about its size', async () => {
    const { into } = await world(async (call) =>
      call.name === 'statfs directory' ? { blocks: 0, bavail: 0, bsize: 4096 } : call.run(...call.args),
    );
    expect(await send(into)).toEqual({ code: 'ok', text: '' });
    await into.close();
  });
});

test('a directory that cannot be written to is no output directory', async () => {
  const parent = await temporaryDirectory();
  const { files } = watchedFileSystem((call) =>
    call.name.startsWith('access ') ? Promise.reject(fault('EACCES')) : call.run(...call.args),
  );
  await expect(openStore(parent, {}, files)).rejects.toThrow(
    `cannot use ${parent} as the output directory: permission denied`,
  );
  expect(await openInside(parent)).toEqual(NOTHING_OPEN);
});
