import { appendFile, mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSource } from '../../../src/store/outgoing/open-source.ts';
import type { OutgoingEntry, SourcePiece } from '../../../src/transfer/ports.ts';
import { bytesLike } from '../content.ts';
import { sha256, Waiter } from '../drive.ts';
import { openInside, temporaryDirectory } from '../temporary.ts';
import { fault, watchedFileSystem } from '../watched-file-system.ts';

const CHUNK = 1024 * 1024;
const NOTHING_OPEN = process.platform === 'linux' ? [] : undefined;

async function fileOf(content: Uint8Array): Promise<string> {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'from'));
  const path = join(directory, 'from', 'source.bin');
  await writeFile(path, content);
  return path;
}

interface Driven {
  readonly bytes: { readonly offset: number; readonly bytes: Uint8Array }[];
  readonly prefixes: Extract<SourcePiece, { kind: 'prefix' }>[];
  readonly last: SourcePiece;
  /** The most prefixes that had no answer. */
  readonly mostUnanswered: number;
}

/** A receiver that lacks the chunks that `lacks` says, and answers once `patience` prefixes wait. */
async function drive(
  entry: OutgoingEntry,
  from: number,
  lacks: (chunk: number) => boolean,
  patience = 1,
  onPiece: (piece: SourcePiece) => Promise<unknown> | unknown = () => {},
): Promise<Driven> {
  const waiter = new Waiter();
  const source = entry.open({ kind: 'content', from }, waiter.wake);
  const seen: Driven = { bytes: [], prefixes: [], last: { kind: 'failed', code: 0, text: '' }, mostUnanswered: 0 };
  const open: Driven['prefixes'] = [];
  let covered = 0;
  let mostUnanswered = 0;
  for (;;) {
    const piece = await waiter.until(() => source.poll());
    await onPiece(piece);
    if (piece.kind === 'end' || piece.kind === 'failed') return { ...seen, last: piece, mostUnanswered };
    if (piece.kind === 'bytes') seen.bytes.push(piece);
    else {
      seen.prefixes.push(piece);
      open.push(piece);
      covered += piece.digests.length * CHUNK;
      mostUnanswered = Math.max(mostUnanswered, open.length);
    }
    const due = covered === from ? 1 : patience;
    while (open.length >= due) {
      const asked = open.shift();
      if (asked === undefined) break;
      source.resend(
        asked.offset,
        asked.digests.map((_digest, i) => lacks(asked.offset / CHUNK + i)),
      );
    }
  }
}

describe('a file of which the receiver has the beginning', () => {
  test.each([
    { chunks: 1, rest: 0, from: 1, lacking: [] },
    { chunks: 1, rest: 1, from: 1, lacking: [0] },
    { chunks: 9, rest: 17, from: 1, lacking: [] },
    { chunks: 9, rest: 17, from: 7, lacking: [0, 1, 6] },
    { chunks: 9, rest: 0, from: 9, lacking: [0, 1, 2, 3, 4, 5, 6, 7, 8] },
    { chunks: 20, rest: 5, from: 19, lacking: [18] },
  ])(
    'of $chunks chunks and $rest bytes, from chunk $from on, lacking $lacking',
    async ({ chunks, rest, from, lacking }) => {
      const content = bytesLike(chunks * CHUNK + rest);
      const path = await fileOf(content);
      const seen = await drive(await openSource(path), from * CHUNK, (chunk) => lacking.includes(chunk));
      expect(seen.last).toEqual({ kind: 'end', size: content.length, digest: sha256(content) });

      const digests = seen.prefixes.flatMap((piece) => piece.digests);
      expect(seen.prefixes.map(({ offset }) => offset)).toEqual(
        seen.prefixes.map((_piece, i) =>
          seen.prefixes.slice(0, i).reduce((sum, p) => sum + p.digests.length * CHUNK, 0),
        ),
      );
      expect(digests).toEqual(
        Array.from({ length: from }, (_, i) => sha256(content.subarray(i * CHUNK, (i + 1) * CHUNK))),
      );
      expect(seen.prefixes.every((piece) => piece.digests.length <= 64)).toBe(true);

      const tail = seen.bytes.filter(({ offset }) => offset >= from * CHUNK);
      expect(Buffer.concat(tail.map(({ bytes }) => bytes)).equals(content.subarray(from * CHUNK))).toBe(true);
      const repairs = seen.bytes.filter(({ offset }) => offset < from * CHUNK);
      expect(repairs.map(({ offset }) => offset)).toEqual(lacking.map((chunk) => chunk * CHUNK));
      for (const { offset, bytes } of repairs) {
        expect(Buffer.compare(bytes, content.subarray(offset, offset + CHUNK))).toBe(0);
      }
      expect(await openInside(path)).toEqual(NOTHING_OPEN);
    },
  );

  test('gives the tail before anything was compared, and no more prefixes than may be unanswered', {
    timeout: 60_000,
  }, async () => {
    const path = await fileOf(new Uint8Array(0));
    await truncate(path, 900 * CHUNK + 1); // sparse
    const entry = await openSource(path);
    const waiter = new Waiter();
    const source = entry.open({ kind: 'content', from: 900 * CHUNK }, waiter.wake);
    let prefixes = 0;
    let tail = 0;
    while (prefixes < 16 || tail === 0) {
      const piece = await waiter.until(() => source.poll());
      if (piece.kind === 'prefix') prefixes++;
      if (piece.kind === 'bytes') tail += piece.bytes.length;
    }
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    expect([source.poll(), prefixes, tail]).toEqual([undefined, 16, 1]);
    source.resend(0, [false, false]);
    expect((await waiter.until(() => source.poll())).kind).toBe('prefix');
    source.close();
  });

  test('may be given up at any time, and stays open no longer', async () => {
    const path = await fileOf(bytesLike(6 * CHUNK));
    for (let polls = 0; polls < 5; polls++) {
      const { files, calls } = watchedFileSystem();
      const entry = await openSource(path, {}, files);
      const before = calls.length;
      const waiter = new Waiter();
      const source = entry.open({ kind: 'content', from: 3 * CHUNK }, waiter.wake);
      for (let i = 0; i < polls; i++) await waiter.until(() => source.poll());
      source.close();
      source.close();
      expect(source.poll()).toBeUndefined();
      while (!calls.slice(before).includes('close source.bin')) await new Promise((resolve) => setImmediate(resolve));
      expect(source.poll()).toBeUndefined();
    }
  });
});

describe('what goes wrong with it is said once, and nothing follows', () => {
  test.each([
    ['cut short', (path: string) => truncate(path, 5 * CHUNK)],
    ['grown', (path: string) => appendFile(path, 'x')],
  ])('%s while it is read', async (_what, change) => {
    const path = await fileOf(bytesLike(12 * CHUNK));
    let changed = false;
    const { last } = await drive(
      await openSource(path),
      2 * CHUNK,
      () => true,
      1,
      async (piece) => {
        if (changed || piece.kind !== 'bytes') return;
        changed = true;
        await change(path);
      },
    );
    expect(last).toEqual({ kind: 'failed', code: 8, text: 'source.bin changed while it was read' });
    expect(await openInside(path)).toEqual(NOTHING_OPEN);
  });

  test.each([0, 1, 2, 5])('a disk that fails at read %i', async (nth) => {
    const path = await fileOf(bytesLike(4 * CHUNK + 1));
    let seen = 0;
    const { files } = watchedFileSystem((call) => {
      if (call.name.startsWith('read ') && seen++ === nth) throw fault('EIO');
      return call.run(...call.args);
    });
    const { last } = await drive(await openSource(path, {}, files), 2 * CHUNK, () => true);
    expect(seen).toBeGreaterThan(nth);
    expect(last).toEqual({ kind: 'failed', code: 9, text: 'cannot read source.bin: i/o error' });
    expect(await openInside(path)).toEqual(NOTHING_OPEN);
  });
});

test('where only the digest is wanted, nothing else is given', async () => {
  const content = bytesLike(3 * CHUNK + 9);
  const entry = await openSource(await fileOf(content));
  const waiter = new Waiter();
  const source = entry.open({ kind: 'digest' }, waiter.wake);
  const piece = await waiter.until(() => source.poll());
  expect(piece).toEqual({ kind: 'end', size: content.length, digest: sha256(content) });
});
