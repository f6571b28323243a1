import { appendFile, open, readFile, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readAt } from '../../../src/store/outgoing/file-source.ts';
import { openSource } from '../../../src/store/outgoing/open-source.ts';
import { bytesLike } from '../content.ts';
import { ALL, drain, sha256, Waiter } from '../drive.ts';
import { openInside, temporaryDirectory } from '../temporary.ts';
import { fault, watchedFileSystem } from '../watched-file-system.ts';

const PIECE = 1024 * 1024;
const NOTHING_OPEN = process.platform === 'linux' ? [] : undefined;

async function fileOf(content: Uint8Array): Promise<string> {
  const path = join(await temporaryDirectory(), 'source.bin');
  await writeFile(path, content);
  return path;
}

describe('a file', () => {
  test.each([0, 1, PIECE - 1, PIECE, PIECE + 1, 5 * PIECE + 17])(
    'of %i bytes is read whole, with its digest',
    async (size) => {
      const content = bytesLike(size);
      const path = await fileOf(content);
      const entry = await openSource(path);
      expect(entry.offer.size).toBe(size);
      const { bytes, pieces, last } = await drain(entry.open);
      expect(bytes.equals(content)).toBe(true);
      expect(last).toEqual({ kind: 'end', size, digest: sha256(content) });
      // Handed over for good: no two pieces share memory.
      expect(new Set(pieces.map((piece) => piece.buffer)).size).toBe(pieces.length);
      expect(await openInside(path)).toEqual(NOTHING_OPEN);
    },
  );

  test('is read into the memory of pieces that arrived, and into no other while there is any', async () => {
    const content = bytesLike(20 * PIECE + 17);
    const path = await fileOf(content);
    const waiter = new Waiter();
    const source = (await openSource(path)).open(ALL, waiter.wake);
    const memory = new Set<ArrayBufferLike>();
    let read = Buffer.alloc(0);
    for (;;) {
      const piece = await waiter.until(() => source.poll());
      if (piece.kind !== 'bytes') {
        expect(piece).toEqual({ kind: 'end', size: content.length, digest: sha256(content) });
        break;
      }
      read = Buffer.concat([read, piece.bytes]);
      memory.add(piece.bytes.buffer);
      source.reuse?.(piece.bytes);
    }
    expect(read.equals(content)).toBe(true);
    expect(memory.size).toBeLessThanOrEqual(10); // the first four and the last are shorter
    source.close();
  });

  test('of 5 GiB has its last bytes read at their place', async () => {
    const path = await fileOf(new Uint8Array(0));
    const size = 5 * 2 ** 30;
    const handle = await open(path, 'r+');
    await handle.write(Buffer.from('the end'), 0, 7, size - 7);
    expect((await openSource(path)).offer.size).toBe(size);
    expect(Buffer.from(await readAt(handle, size - 9, 100)).toString()).toBe('\0\0the end');
    await handle.close();
  });

  test('is read at most three pieces ahead', async () => {
    const path = await fileOf(bytesLike(10 * PIECE));
    const { files, calls } = watchedFileSystem();
    const entry = await openSource(path, {}, files);
    const waiter = new Waiter();
    const source = entry.open(ALL, waiter.wake);
    const reads = (): number => calls.filter((call) => call.startsWith('read')).length;
    await waiter.until(() => source.poll());
    for (let quiet = 0, seen = -1; quiet < 20; quiet = seen === reads() ? quiet + 1 : 0) {
      seen = reads();
      await new Promise((resolve) => setImmediate(resolve));
      await readFile(path); // the disk has had the time to do more
    }
    expect(reads()).toBe(4);
    source.close();
  });

  test('may be given up at any time, and stays open no longer', async () => {
    const path = await fileOf(bytesLike(10 * PIECE));
    for (let polls = 0; polls < 12; polls++) {
      const { files, calls } = watchedFileSystem();
      const entry = await openSource(path, {}, files);
      const before = calls.length;
      const waiter = new Waiter();
      const source = entry.open(ALL, waiter.wake);
      for (let i = 0; i < polls; i++) await waiter.until(() => source.poll());
      source.close();
      source.close();
      expect(source.poll()).toBeUndefined();
      while (!calls.slice(before).includes('close source.bin')) await new Promise((resolve) => setImmediate(resolve));
    }
  });

  test('that gives fewer bytes than asked for is read whole', async () => {
    const content = bytesLike(PIECE + 5);
    const { files } = watchedFileSystem((call) => {
      if (!call.name.startsWith('read ')) return call.run(...call.args);
      const [bytes, offset, length, position] = call.args as [Uint8Array, number, number, number];
      return call.run(bytes, offset, Math.min(length, 1_000), position);
    });
    const { bytes, last } = await drain((await openSource(await fileOf(content), {}, files)).open);
    expect([bytes.equals(content), last.kind]).toEqual([true, 'end']);
  });
});

describe('a file that changes after it was offered is not sent as complete', () => {
  const content = bytesLike(8 * PIECE);
  const CHANGES: Record<string, (path: string) => Promise<unknown>> = {
    'cut short': (path) => truncate(path, 100),
    'cut short by one byte': (path) => truncate(path, content.length - 1),
    emptied: (path) => truncate(path, 0),
    grown: (path) => appendFile(path, 'x'),
    'edited in place': async (path) => {
      const handle = await open(path, 'r+');
      await handle.write(Buffer.from('y'), 0, 1, 12);
      await handle.close();
    },
    'given another time': (path) => utimes(path, 1, 1),
    removed: (path) => rm(path),
    'replaced by an equal one': async (path) => {
      await writeFile(`${path}.new`, content);
      await rename(`${path}.new`, path);
    },
  };

  test.each(Object.keys(CHANGES))('%s while it is read', async (change) => {
    const path = await fileOf(content);
    const entry = await openSource(path);
    let changed = false;
    const { last } = await drain(entry.open, async (total) => {
      if (changed || total < 2 * PIECE) return;
      changed = true;
      await CHANGES[change]?.(path);
    });
    expect(last).toEqual({ kind: 'failed', code: 8, text: 'source.bin changed while it was read' });
    expect(await openInside(path)).toEqual(NOTHING_OPEN);
  });

  test.each(Object.keys(CHANGES))('%s before it is opened', async (change) => {
    const path = await fileOf(content);
    const entry = await openSource(path);
    await CHANGES[change]?.(path);
    const { pieces, last } = await drain(entry.open);
    expect(pieces).toEqual([]);
    expect(last).toEqual(
      change === 'removed'
        ? { kind: 'failed', code: 9, text: 'cannot read source.bin: no such file or directory' }
        : { kind: 'failed', code: 8, text: 'source.bin changed while it was read' },
    );
  });
});

test.each([
  ['open source.bin', 1, 'EMFILE', 'too many open files'],
  ['read source.bin', 2, 'EIO', 'i/o error'],
  ['stat source.bin', 1, 'ESTALE', 'ESTALE'],
])('%s failing with %s is said in one line', async (name, nth, code, words) => {
  let seen = 0;
  const { files } = watchedFileSystem((call) => {
    if (call.name === name && seen++ === nth) throw fault(code);
    return call.run(...call.args);
  });
  const path = await fileOf(bytesLike(3 * PIECE));
  const { last } = await drain((await openSource(path, {}, files)).open);
  expect(last).toEqual({ kind: 'failed', code: 9, text: `cannot read source.bin: ${words}` });
  expect(await openInside(path)).toEqual(NOTHING_OPEN);
});
