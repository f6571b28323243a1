import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/file-store.ts';
import { bytesLike } from './content.ts';
import { Entry, offerOf, store } from './drive.ts';

const MIB = 1024 * 1024;
const { UDPCP_RUNS } = process.env;
/** Every so many-th amount of free room, in pages; all of them with UDPCP_RUNS. */
const STEP = UDPCP_RUNS === undefined ? 16 : 1;

/** A file system of this size; undefined where we may not mount one (it takes root on Linux). */
function mount(size: string): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'udpcp-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'ignore' });
    return path;
  } catch {
    rmdirSync(path);
    return undefined;
  }
}

const disk = mount('1m');
const larger = mount('4m');

afterAll(() => {
  for (const path of [disk, larger]) {
    if (path === undefined) continue;
    execFileSync('umount', [path]);
    rmdirSync(path);
  }
});

describe.skipIf(disk === undefined)('a disk of 1 MiB', { timeout: 120_000 }, () => {
  const path = disk ?? '';

  test.each([
    ['content of unknown size that does not fit', undefined, 'space', /^cannot store big: no space left on device$/],
    [
      'content that is known not to fit',
      3_000_000,
      'refuse space',
      /^cannot store big: it has 3000000 bytes, and \d+ are free$/,
    ],
    ['content that is larger than it was said to be', 1, 'space', /^cannot store big: no space left on device$/],
  ])('%s leaves nothing, and what comes after is stored', async (_what, size, code, words) => {
    const into = await openStore(path, { exists: 'overwrite' });
    const outcome = await store(into, offerOf('big', { size }), bytesLike(3_000_000), [100_003]);
    expect(outcome.code).toBe(code);
    expect(outcome.text).toMatch(words);
    expect((await readdir(path)).filter((name) => name !== 'small')).toEqual([]);
    expect(await store(into, offerOf('small'), bytesLike(500_000))).toEqual({ code: 'ok', text: '' });
    expect((await readFile(join(path, 'small'))).equals(bytesLike(500_000))).toBe(true);
    await rm(join(path, 'small'));
    await into.close();
  });

  test('that has any number of pages left: one line, or the whole file, and a later try with room', async () => {
    const content = bytesLike(600_000);
    const outcomes = new Set<string>();
    for (let pages = 0; pages <= 256; pages += STEP) {
      const into = await openStore(path);
      await writeFile(join(path, 'ballast'), Buffer.alloc(MIB - pages * 4096));
      const { code, text } = await store(into, offerOf('file', { size: content.length }), content);
      outcomes.add(code);
      expect({ pages, text }).toEqual({ pages, text: expect.stringMatching(/^(cannot store file: [^\n]+)?$/) });
      expect({ pages, names: await readdir(path) }).toEqual({
        pages,
        names: code === 'ok' ? expect.arrayContaining(['ballast', 'file']) : ['ballast'],
      });
      await rm(join(path, 'ballast'));
      await new Promise((resolve) => setImmediate(resolve));
      if (code !== 'ok') {
        const again = await store(into, offerOf('file', { size: content.length }), content);
        expect({ pages, again }).toEqual({ pages, again: { code: 'ok', text: '' } });
      }
      expect((await readFile(join(path, 'file'))).equals(content)).toBe(true);
      await rm(join(path, 'file'));
      await into.close();
    }
    expect([...outcomes].sort()).toEqual(['ok', 'refuse space']);
  });
});

describe.skipIf(larger === undefined)('a disk of 4 MiB', { timeout: 120_000 }, () => {
  const path = larger ?? '';
  const content = bytesLike(3 * MIB);

  test('that is full of what was left: it says so, and what is old makes room', async () => {
    const first = await openStore(path);
    const left = new Entry(first, offerOf('left', { size: content.length }));
    await left.verdict();
    left.write(content.subarray(0, 2 * MIB));
    await left.allTaken();
    const busy = await store(first, offerOf('file', { size: content.length }), content);
    expect(busy.text).toMatch(/, and \d+ are free$/); // it is in use
    await first.close();
    const second = await openStore(path);
    const { code, text } = await store(second, offerOf('file', { size: content.length }), content);
    expect([code, text]).toEqual([
      'refuse space',
      expect.stringMatching(/ are free; 1 unfinished file holds 2097152 bytes there \(see .*--list-partials, --purge/),
    ]);
    await second.close();
    for (const name of await readdir(path)) await utimes(join(path, name), 1, 1);
    const third = await openStore(path);
    expect(await store(third, offerOf('file', { size: content.length }), content)).toEqual({ code: 'ok', text: '' });
    expect(await readdir(path)).toEqual(['file']);
    await rm(join(path, 'file'));
    await third.close();
  });

  test('that somebody else fills meanwhile keeps what came, and the rest comes when there is room', async () => {
    for (let pages = 0; pages < 3 * 256 - 16; pages += 3 * STEP + 1) {
      const first = await openStore(path);
      const entry = new Entry(first, offerOf('file', { size: content.length }));
      expect((await entry.verdict()).verdict).toBe('accept');
      await writeFile(join(path, 'ballast'), Buffer.alloc(4 * MIB - pages * 4096 - 8 * 4096)).catch(() => {});
      entry.write(content);
      const { code, text } = await entry.end(content);
      const words = new TextDecoder().decode(text);
      await rm(join(path, 'ballast'));
      await first.close();
      const isKept = (await readdir(path)).some((name) => name.endsWith('.part'));
      expect({ pages, code, words }).toEqual({
        pages,
        code: 3,
        words: `cannot store file: no space left on device${isKept ? '; what came is kept for the next try' : ''}`,
      });
      expect({ pages, isKept }).toEqual({ pages, isKept: pages > 256 + 16 ? true : isKept });
      const room = await openStore(path);
      const again = new Entry(room, offerOf('file', { size: content.length }));
      const { offset } = await again.verdict();
      expect(offset > 0).toBe(isKept);
      again.write(content.subarray(offset));
      expect((await again.end(content)).code).toBe(0);
      expect((await readdir(path)).sort()).toEqual(['file']);
      await rm(join(path, 'file'));
      await room.close();
    }
  });
});
