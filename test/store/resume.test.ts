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
import { openStore } from '../../src/store/file-store.ts';
import { ownName } from '../../src/store/part/own-names.ts';
import { bytesLike } from './content.ts';
import { codeName, Entry, offerOf, sha256, store } from './drive.ts';
import { CHUNK, CONTENT, ID, leave, NAME, OFFER, opened, resume } from './resuming.ts';
import { openInside } from './temporary.ts';
import { describeTree } from './tree.ts';
import { fault, watchedFileSystem } from './watched-file-system.ts';

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
