import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDescriptor } from '../../src/store/descriptor.ts';
import { bytesLike } from './content.ts';
import { openInside, temporaryDirectory } from './temporary.ts';

const NOTHING_OPEN = process.platform === 'linux' ? [] : undefined;
const newPath = async (): Promise<string> => join(await temporaryDirectory(), 'file');

describe('an open file', () => {
  test('answers like the one of node:fs/promises', async () => {
    const answers: unknown[] = [];
    for (const opening of [open, openDescriptor]) {
      const path = await newPath();
      const file = await opening(path, 'wx+', 0o600);
      const buffer = new Uint8Array(4);
      const { bytesWritten } = await file.writev([Buffer.from('abc'), Buffer.from('def')], 2);
      await file.truncate(7);
      const { bytesRead } = await file.read(buffer, 1, 3, 4);
      await file.chmod(0o640);
      await file.utimes(1, 2);
      await file.sync();
      await file.datasync();
      const { size, mode, mtimeMs } = await file.stat();
      const { mtimeNs } = await file.stat({ bigint: true });
      await file.close();
      const late = await file.stat().catch(({ name }: Error) => name);
      answers.push({ bytesWritten, bytesRead, buffer, size, mode, mtimeMs, mtimeNs, late: typeof late });
      const taken = await opening(path, 'wx').catch(({ code, syscall }: NodeJS.ErrnoException) => ({ code, syscall }));
      answers.push(taken);
      expect(await openInside(path)).toEqual(NOTHING_OPEN);
    }
    expect(answers.slice(2)).toEqual(answers.slice(0, 2));
  });

  test('is closed after the calls that are under way', async () => {
    const file = await openDescriptor(await newPath(), 'wx');
    const ended: string[] = [];
    const writing = file.writev([bytesLike(20_000_000)], 0).then(() => ended.push('write'));
    const closing = file.close().then(() => ended.push('close'));
    await Promise.all([writing, closing]);
    expect(ended).toEqual(['write', 'close']);
  });
});
