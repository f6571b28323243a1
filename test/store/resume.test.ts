import { execFileSync } from 'node:child_process';
import {
  appendFile,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openStore, type StoreOptions } from '../../src/store/file-store.ts';
import { ownName, resumableId } from '../../src/store/own-names.ts';
import type { Owner } from '../../src/transfer/ports.ts';
import { bytesLike } from './content.ts';
import { codeName, Entry, offerOf, SOMEBODY, sha256, store, text } from './drive.ts';
import { openInside, temporaryDirectory } from './temporary.ts';
import { describeTree } from './tree.ts';
import { fault, watchedFileSystem } from './watched-file-system.ts';

const CHUNK = 1024 * 1024;
const CONTENT = bytesLike(5 * CHUNK + 777);
const NAME = 'large.bin';
const ID = resumableId([Buffer.from(NAME)]);
const OFFER = offerOf(NAME, { size: CONTENT.length });

async function opened(options?: StoreOptions, files?: Parameters<typeof openStore>[2]) {
  const out = join(await temporaryDirectory(), 'out');
  await mkdir(out);
  const at = (kind: 'part' | 'journal' | 'lock' | 'takeover'): string => join(out, ownName(ID, kind));
  const again = (more?: StoreOptions) => openStore(out, { ...options, ...more }, files);
  return { out, at, again, into: await again() };
}

/** Leaves the first `bytes` of the content behind, as a transfer that ends there does. */
async function leave(into: Awaited<ReturnType<typeof openStore>>, bytes: number, content = CONTENT): Promise<void> {
  const entry = new Entry(into, OFFER);
  await entry.verdict();
  entry.write(content.subarray(0, bytes));
  await entry.allTaken();
  await into.close();
}

/** Sends what the store does not have, as a sender does; answers what was sent again and how it ended. */
async function resume(into: Awaited<ReturnType<typeof openStore>>, content: Uint8Array = CONTENT, group = 2) {
  const entry = new Entry(into, OFFER);
  const { verdict, offset } = await entry.verdict();
  expect(verdict).toBe('accept');
  const chunkAt = (at: number): Uint8Array => content.subarray(at, at + CHUNK);
  entry.write(content.subarray(offset), [65_536]);
  const missing: number[] = [];
  for (let at = 0; at < offset; at += group * CHUNK) {
    const count = Math.min(group, (offset - at) / CHUNK);
    const digests = Array.from({ length: count }, (_, i) => sha256(chunkAt(at + i * CHUNK)));
    entry.sink.compare(at, digests);
    const answer = await entry.waiter.until(() => entry.sink.differing());
    expect([answer.offset, answer.isMissing.length]).toEqual([at, count]);
    for (const [i, isMissing] of answer.isMissing.entries()) if (isMissing) missing.push(at / CHUNK + i);
  }
  for (const chunk of missing) entry.writeAt(chunk * CHUNK, chunkAt(chunk * CHUNK), [100_000]);
  const receipt = await entry.end(content);
  return { offset, missing, code: codeName(receipt.code), text: text(receipt.text) };
}

describe('a transfer that was interrupted', () => {
  test.each([
    { left: CHUNK, offset: CHUNK },
    { left: 2 * CHUNK - 1, offset: CHUNK },
    { left: 3 * CHUNK + 5, offset: 3 * CHUNK },
    { left: CONTENT.length, offset: 5 * CHUNK },
  ])('after $left bytes goes on at $offset in another process', async ({ left, offset }) => {
    const { out, at, again, into } = await opened();
    await leave(into, left);
    expect((await readdir(out)).sort()).toEqual([ownName(ID, 'journal'), ownName(ID, 'part')]);
    expect((await stat(at('part'))).mode & 0o777).toBe(0o600);
    expect((await openInside(out)) ?? []).toEqual([]);
    const second = await again();
    expect(await resume(second)).toEqual({ offset, missing: [], code: 'ok', text: '' });
    expect(await readdir(out)).toEqual([NAME]);
    expect((await readFile(join(out, NAME))).equals(CONTENT)).toBe(true);
    expect((await stat(join(out, NAME))).mode & 0o777).toBe(0o666 & ~process.umask());
    await second.close();
    expect((await openInside(out)) ?? []).toEqual([]);
  });

  test.each([
    ['less than a chunk came', CHUNK - 1, {}, OFFER],
    ['nothing came', 0, {}, OFFER],
    ['the store keeps nothing', CONTENT.length, { resume: false }, OFFER],
    ['the size was not known', CONTENT.length, {}, offerOf(NAME)],
  ])('leaves nothing when %s', async (_what, bytes, options, offer) => {
    const { out, into } = await opened(options);
    const entry = new Entry(into, offer);
    await entry.verdict();
    entry.write(CONTENT.subarray(0, bytes));
    await entry.allTaken();
    await into.close();
    expect(await readdir(out)).toEqual([]);
  });

  test('leaves what is not resumed alone: no resume, or a fresh start that replaces it', async () => {
    const { out, again, into } = await opened();
    await leave(into, 4 * CHUNK);
    const none = await again({ resume: false });
    expect(await store(none, offerOf(NAME, { size: 3 * CHUNK }), bytesLike(3 * CHUNK))).toEqual({
      code: 'ok',
      text: '',
    });
    await none.close();
    await rm(join(out, NAME));
    expect(await readdir(out)).toHaveLength(2);
    const fresh = await again();
    const entry = new Entry(fresh, { ...OFFER, fresh: true });
    expect((await entry.verdict()).offset).toBe(0);
    entry.write(CONTENT.subarray(0, 2 * CHUNK));
    await entry.allTaken();
    await fresh.close();
    const last = await again();
    expect(await resume(last)).toMatchObject({ offset: 2 * CHUNK, missing: [], code: 'ok' });
    await last.close();
  });

  test('by a digest that does not match leaves nothing', async () => {
    const { out, into } = await opened();
    const entry = new Entry(into, OFFER);
    await entry.verdict();
    entry.write(CONTENT);
    entry.sink.end(CONTENT.length, sha256(bytesLike(1)));
    expect(codeName((await entry.receipt()).code)).toBe('digest');
    expect(await readdir(out)).toEqual([]);
    await into.close();
  });

  test('of another size goes on with what fits into it', async () => {
    const { again, into } = await opened();
    await leave(into, 4 * CHUNK);
    const second = await again();
    const shorter = new Entry(second, offerOf(NAME, { size: 2 * CHUNK + 9 }));
    expect((await shorter.verdict()).offset).toBe(2 * CHUNK);
    await second.close();
  });

  test('by a full disk leaves what came, and says so', async () => {
    const { out, again, into } = await opened(
      {},
      watchedFileSystem((call) => {
        const [, position = 0] = call.args as [unknown, number];
        return call.name === 'writev part' && position >= 2 * CHUNK
          ? Promise.reject(fault('ENOSPC'))
          : call.run(...call.args);
      }).files,
    );
    const outcome = await store(into, OFFER, CONTENT);
    expect(outcome).toEqual({
      code: 'space',
      text: `cannot store ${NAME}: no space left on device; what came is kept for the next try`,
    });
    expect(await readdir(out)).toHaveLength(2);
    await into.close();
    const room = await openStore(out);
    expect(await resume(room)).toMatchObject({ missing: [], code: 'ok' });
    await room.close();
    await (await again()).close();
  });
});

describe('a part that was altered meanwhile', () => {
  const at = async (path: string, position: number, bytes: Uint8Array): Promise<void> => {
    const handle = await open(path, 'r+');
    await handle.write(bytes, 0, bytes.length, position);
    await handle.close();
  };
  const ALTERED: Record<string, { change: (part: string) => Promise<unknown>; offset: number; missing: number[] }> = {
    'by one byte': { change: (part) => at(part, 2 * CHUNK + 5, Buffer.from('?')), offset: 4 * CHUNK, missing: [2] },
    'in its first byte': { change: (part) => at(part, 0, Buffer.from([1])), offset: 4 * CHUNK, missing: [0] },
    'in every chunk': {
      change: (part) => writeFile(part, Buffer.alloc(4 * CHUNK)),
      offset: 4 * CHUNK,
      missing: [0, 1, 2, 3],
    },
    'into a hole': {
      change: async (part) => {
        await truncate(part, 0);
        await truncate(part, 4 * CHUNK);
      },
      offset: 4 * CHUNK,
      missing: [0, 1, 2, 3],
    },
    'by cutting it': { change: (part) => truncate(part, 3 * CHUNK - 1), offset: 2 * CHUNK, missing: [] },
    'by emptying it': { change: (part) => truncate(part, 0), offset: 0, missing: [] },
    'by appending to it': {
      change: (part) => appendFile(part, Buffer.alloc(3 * CHUNK)),
      offset: 5 * CHUNK,
      missing: [4],
    },
  };

  test.each(Object.keys(ALTERED))('%s is repaired', async (what) => {
    const { out, at: own, again, into } = await opened();
    const { change, offset, missing } = ALTERED[what] ?? { change: async () => {}, offset: 0, missing: [] };
    await leave(into, 4 * CHUNK);
    await change(own('part'));
    const second = await again();
    expect(await resume(second)).toEqual({ offset, missing, code: 'ok', text: '' });
    expect((await readFile(join(out, NAME))).equals(CONTENT)).toBe(true);
    expect(await readdir(out)).toEqual([NAME]);
    await second.close();
  });

  test('by a source that is another one now becomes that one', async () => {
    const { out, again, into } = await opened();
    await leave(into, 4 * CHUNK);
    const other = Buffer.from(CONTENT);
    other[CHUNK] = (other[CHUNK] ?? 0) ^ 1;
    other[CONTENT.length - 1] = (other[CONTENT.length - 1] ?? 0) ^ 1;
    const second = await again();
    expect(await resume(second, other)).toMatchObject({ missing: [1], code: 'ok' });
    expect((await readFile(join(out, NAME))).equals(other)).toBe(true);
    await second.close();
  });

  test('is never published without its repairs', async () => {
    const { out, at: own, again, into } = await opened();
    await leave(into, 4 * CHUNK);
    await at(own('part'), 17, Buffer.from('???'));
    const second = await again();
    const entry = new Entry(second, OFFER);
    const { offset } = await entry.verdict();
    entry.write(CONTENT.subarray(offset));
    expect(codeName((await entry.end(CONTENT)).code)).toBe('digest');
    expect(await readdir(out)).toEqual([]);
    await second.close();
  });

  test('in what cannot be read is sent again', async () => {
    let reads = 0;
    const { into, out } = await opened();
    await leave(into, 4 * CHUNK);
    const failing = await openStore(
      out,
      {},
      watchedFileSystem((call) => {
        if (call.name === 'read part' && reads++ === 1) throw fault('EIO');
        return call.run(...call.args);
      }).files,
    );
    expect(await resume(failing)).toMatchObject({ missing: [1], code: 'ok' });
    expect(reads).toBeGreaterThan(1);
    expect((await readFile(join(out, NAME))).equals(CONTENT)).toBe(true);
    await failing.close();
  });

  test.each([
    ['a symbolic link', (part: string, victim: string) => symlink(victim, part)],
    ['a hard link', (part: string, victim: string) => link(victim, part)],
    ['a FIFO', (part: string) => execFileSync('mkfifo', [part])],
    ['a directory', (part: string) => mkdir(part)],
  ])('and is %s now is not touched, and the file comes all the same', async (_what, make) => {
    const { out, at: own, again, into } = await opened();
    await leave(into, 4 * CHUNK);
    const victim = join(out, '..', 'victim');
    await writeFile(victim, bytesLike(2 * CHUNK));
    await rm(own('part'));
    await make(own('part'), victim);
    const before = (await describeTree(join(out, '..'))).filter((line) => !line.includes('journal'));
    for (const fresh of [false, true]) {
      const second = await again({ exists: 'overwrite' });
      expect(await store(second, { ...OFFER, fresh }, CONTENT)).toEqual({ code: 'ok', text: '' });
      await second.close();
      const after = (await describeTree(join(out, '..'))).filter((line) => !/journal|large\.bin/.test(line));
      expect(after).toEqual(before);
      expect((await readFile(join(out, NAME))).equals(CONTENT)).toBe(true);
    }
  });

  test('has a damaged journal: that costs nothing', async () => {
    const { out, at: own, again, into } = await opened();
    await leave(into, 2 * CHUNK);
    const journal = await readFile(own('journal'));
    const damages: (() => Promise<unknown>)[] = [
      () => rm(own('journal')),
      () => writeFile(own('journal'), ''),
      () => writeFile(own('journal'), journal.subarray(0, journal.length / 2)),
      () => writeFile(own('journal'), Buffer.alloc(100_000, 'x')),
      () => rm(own('journal')).then(() => symlink('/etc/passwd', own('journal'))),
      () => rm(own('journal')).then(() => execFileSync('mkfifo', [own('journal')])),
    ];
    for (const damage of damages) {
      await damage();
      const second = await again();
      const entry = new Entry(second, OFFER);
      expect((await entry.verdict()).offset).toBe(2 * CHUNK);
      await second.close();
      expect(Buffer.from(await readFile(own('journal'))).subarray(0, -60)).toEqual(journal.subarray(0, -60));
    }
    await rm(own('journal'));
    await mkdir(own('journal'));
    const last = await again();
    expect(await resume(last)).toMatchObject({ offset: 2 * CHUNK, code: 'ok' });
    await last.close();
    expect(await readdir(out)).toContain(NAME);
  });
});

describe('two transfers of one name', () => {
  const owner = (heard: () => number, replaced: () => void = () => {}): Owner => ({
    get heardAt() {
      return heard();
    },
    ping: () => {},
    replace: replaced,
  });

  test('of which the first is alive: the second has a part of its own', async () => {
    const { out, into } = await opened({ exists: 'rename' });
    let heard = 0;
    const first = new Entry(
      into,
      OFFER,
      owner(() => heard++),
    );
    await first.verdict();
    first.write(CONTENT.subarray(0, 3 * CHUNK));
    await first.allTaken();
    const second = new Entry(into, OFFER);
    expect((await second.verdict()).offset).toBe(0);
    second.write(CONTENT);
    expect(codeName((await second.end(CONTENT)).code)).toBe('ok');
    first.write(CONTENT.subarray(3 * CHUNK));
    expect(codeName((await first.end(CONTENT)).code)).toBe('ok');
    expect((await readdir(out)).sort()).toEqual(['large (1).bin', NAME]);
    for (const name of await readdir(out)) expect((await readFile(join(out, name))).equals(CONTENT)).toBe(true);
    await into.close();
  });

  test('of which the first is silent: it is replaced, and the second goes on with its part', async () => {
    const { out, into } = await opened({ holderSilence: 100 });
    let pinged = 0;
    const replaced: string[] = [];
    const first: Entry = new Entry(into, OFFER, {
      heardAt: 7,
      ping: () => pinged++,
      replace: () => {
        replaced.push('first');
        queueMicrotask(() => first.sink.abort());
      },
    });
    await first.verdict();
    first.write(CONTENT.subarray(0, 3 * CHUNK + 9));
    await first.allTaken();
    expect(await resume(into)).toEqual({ offset: 3 * CHUNK, missing: [], code: 'ok', text: '' });
    expect([pinged, replaced]).toEqual([1, ['first']]);
    expect(await readdir(out)).toEqual([NAME]);
    await into.close();
  });

  test('of which the first publishes meanwhile: the second is asked for the digest alone', async () => {
    const { into } = await opened({ holderSilence: 60_000 });
    const first = new Entry(into, OFFER);
    await first.verdict();
    first.write(CONTENT);
    const second = new Entry(into, OFFER);
    expect(codeName((await first.end(CONTENT)).code)).toBe('ok');
    expect((await second.verdict()).verdict).toBe('compare');
    expect(await second.end(CONTENT)).toMatchObject({ code: 0, size: CONTENT.length });
    await into.close();
  });

  test('of which the waiting one is given up', async () => {
    const { into } = await opened({ holderSilence: 60_000 });
    const first = new Entry(into, OFFER);
    await first.verdict();
    const second = new Entry(into, OFFER);
    second.sink.abort();
    first.write(CONTENT);
    expect(codeName((await first.end(CONTENT)).code)).toBe('ok');
    await into.close();
  });

  test('in two receivers on one directory: the second has a part of its own, nobody waits', async () => {
    const { out, again, into } = await opened({ exists: 'rename' });
    const other = await again();
    const first = new Entry(into, OFFER);
    await first.verdict();
    first.write(CONTENT.subarray(0, 3 * CHUNK));
    await first.allTaken();
    expect(await resume(other)).toMatchObject({ offset: 0, code: 'ok' });
    first.write(CONTENT.subarray(3 * CHUNK));
    expect(codeName((await first.end(CONTENT)).code)).toBe('ok');
    await other.close();
    await into.close();
    expect(await readdir(out)).toHaveLength(2);
  });
});

describe('a file of the same size is there', () => {
  test.each([
    ['the same', CONTENT, 'ok', 'already there'],
    ['another', Buffer.concat([CONTENT.subarray(0, -1), Buffer.from('?')]), 'exists', `${NAME} exists`],
  ])('%s', async (_what, there, code, words) => {
    const { out, into } = await opened();
    await writeFile(join(out, NAME), there);
    const before = await describeTree(out);
    const entry = new Entry(into, OFFER);
    expect(await entry.verdict()).toEqual({ verdict: 'compare', code: 0, offset: 0, text: new Uint8Array(0) });
    const receipt = await entry.end(CONTENT);
    expect([codeName(receipt.code), text(receipt.text)]).toEqual([code, words]);
    if (code === 'ok') expect([receipt.size, receipt.digest]).toEqual([CONTENT.length, sha256(CONTENT)]);
    expect(await describeTree(out)).toEqual(before);
    await into.close();
  });

  test('and changes while it is read: that is not the same', async () => {
    const { out, into } = await opened();
    await into.close();
    const path = join(out, NAME);
    await writeFile(path, CONTENT);
    const changing = await openStore(
      out,
      {},
      watchedFileSystem(async (call) => {
        if (call.name === `read ${NAME}`) await appendFile(path, 'x').then(() => truncate(path, CONTENT.length));
        return call.run(...call.args);
      }).files,
    );
    const entry = new Entry(changing, OFFER, SOMEBODY);
    await entry.verdict();
    expect(codeName((await entry.end(CONTENT)).code)).toBe('exists');
    await changing.close();
  });

  test('and the transfer is given up', async () => {
    const { out, into } = await opened();
    await writeFile(join(out, NAME), CONTENT);
    const entry = new Entry(into, OFFER);
    expect((await entry.verdict()).verdict).toBe('compare');
    await into.close();
    expect(entry.sink.receipt()).toBeUndefined();
    expect((await openInside(out)) ?? []).toEqual([]);
  });
});
