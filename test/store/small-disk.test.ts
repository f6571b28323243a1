import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/file-store.ts';
import { bytesLike } from './content.ts';
import { offerOf, store } from './drive.ts';

/** A file system of 1 MiB; undefined where we may not mount one (it takes root on Linux). */
const disk = mount();

function mount(): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'udpcp-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path], { stdio: 'ignore' });
    return path;
  } catch {
    rmdirSync(path);
    return undefined;
  }
}

afterAll(() => {
  if (disk === undefined) return;
  execFileSync('umount', [disk]);
  rmdirSync(disk);
});

describe.skipIf(disk === undefined)('a disk of 1 MiB', () => {
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
    execFileSync('rm', [join(path, 'small')]);
    await into.close();
  });
});
