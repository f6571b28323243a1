import { execFileSync } from 'node:child_process';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openSource } from '../../../src/store/outgoing/open-source.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import { drain, text } from '../drive.ts';
import { openInside, temporaryDirectory } from '../temporary.ts';

async function directoryWith(make: (path: string) => Promise<unknown> | unknown): Promise<string> {
  const path = join(await temporaryDirectory(), 'it');
  await make(path);
  return path;
}

describe('openSource', () => {
  test('describes a file', async () => {
    const path = await directoryWith(async (it) => {
      await writeFile(it, 'hello');
      await chmod(it, 0o4751);
    });
    expect((await openSource(path)).offer).toMatchObject({ mode: undefined, mtime: undefined });
    const { offer } = await openSource(path, { preserve: true });
    expect({ ...offer, path: offer.path.map(text) }).toMatchObject({
      entryKind: 'file',
      size: 5,
      mode: 0o751,
      path: ['it'],
      target: new Uint8Array(0),
    });
    expect(Math.abs(Date.now() - (offer.mtime ?? 0))).toBeLessThan(60_000);
    expect((await openInside(path)) ?? []).toEqual([]);
  });

  test('follows a symbolic link, and offers the name it was given', async () => {
    const path = await directoryWith(async (it) => {
      await writeFile(`${it}.real`, 'hello');
      await symlink('it.real', it);
    });
    const entry = await openSource(path);
    expect(entry.offer.path.map(text)).toEqual(['it']);
    expect((await drain(entry.open)).bytes.toString()).toBe('hello');
  });

  test.each([
    ['a directory', (it: string) => mkdir(it), 'it is a directory'],
    [
      'a FIFO',
      (it: string) => execFileSync('mkfifo', [it]),
      'it is a pipe; write what comes out of it to a regular file first',
    ],
    [
      'a socket',
      async (it: string) => {
        const server = createServer();
        await new Promise<void>((resolve) => server.listen(it, resolve));
        onTestFinished(() => void server.close());
      },
      'it is not a regular file',
    ],
    ['a device', (it: string) => symlink('/dev/null', it), 'it is not a regular file'],
    ['nothing', () => {}, 'no such file or directory'],
    ['a link to nothing', (it: string) => symlink('nothing', it), 'no such file or directory'],
    ['a link to itself', (it: string) => symlink('it', it), 'too many symbolic links encountered'],
  ])('refuses %s at once', async (_what, make, reason) => {
    const path = await directoryWith(make);
    const refused = openSource(path);
    await expect(refused).rejects.toBeInstanceOf(StoreError);
    await expect(refused).rejects.toMatchObject({ code: 'ERR_LOCAL_FILE', message: `cannot send ${path}: ${reason}` });
    expect((await openInside(path)) ?? []).toEqual([]);
  });

  test('says of what a shell names and Node cannot how to send it', async () => {
    await expect(openSource('b\ufffd')).rejects.toThrow(/^cannot send b\ufffd: its name is not UTF-8: rename it, or /);
  });

  test.runIf(process.platform === 'linux')('refuses a file that does not know its size', async () => {
    await expect(openSource('/proc/self/status')).rejects.toThrow(
      'cannot send /proc/self/status: it does not say its size; copy it to a regular file first',
    );
  });
});

describe('the name to offer', () => {
  test('may be another', async () => {
    const path = await directoryWith((it) => writeFile(it, 'hello'));
    const { offer } = await openSource(path, { as: '.report \u00e9.txt' });
    expect(offer.path.map(text)).toEqual(['.report \u00e9.txt']);
  });

  test.each([
    ['', 'is empty'],
    ['a/b', 'contains a path separator'],
    ['..', 'is a directory'],
    ['a\nb', 'contains a control or invisible character'],
    ['a'.repeat(256), 'is too long'],
    ['.udpcp-x', 'begins with .udpcp-'],
  ])('is one component: not %j', async (as, reason) => {
    const path = await directoryWith((it) => writeFile(it, 'hello'));
    await expect(openSource(path, { as })).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: `cannot send as ${as}: the name ${reason}`,
    });
  });
});
