import { describe, expect, test } from 'vitest';
import { Delay } from '../../src/transfer/delay.ts';
import { memoryEntry } from '../../src/transfer/memory-source.ts';
import type { SourcePiece } from '../../src/transfer/ports.ts';
import { createDigest, join, noise, sha256, utf8 } from './bytes.ts';
import { ALL } from './phrases.ts';

const ignore = (): void => {};

describe('a source gives its bytes in pieces and then its end', () => {
  test.each([
    { size: 0, pieces: [] },
    { size: 1, pieces: [1] },
    { size: 10, pieces: [10] },
    { size: 11, pieces: [10, 1] },
  ])('$size bytes in pieces of 10', ({ size, pieces }) => {
    const content = noise(size);
    const entry = memoryEntry('name', content, createDigest, { pieceSize: 10 });
    expect(entry.offer).toMatchObject({ entryKind: 'file', size, path: [utf8('name')] });
    const source = entry.open(ALL, ignore);
    const given: SourcePiece[] = [];
    for (let piece = source.poll(); piece !== undefined; piece = source.poll()) given.push(piece);
    const bytes = given.flatMap((piece) => (piece.kind === 'bytes' ? [piece.bytes] : []));
    expect(bytes.map(({ length }) => length)).toEqual(pieces);
    expect(join(bytes)).toEqual(content);
    expect(given.at(-1)).toEqual({ kind: 'end', size, digest: sha256(content) });
  });
});

test('pieces are copies: who gets them may keep or change them', () => {
  const content = noise(10);
  const piece = memoryEntry('name', content, createDigest).open(ALL, ignore).poll();
  if (piece?.kind === 'bytes') piece.bytes.fill(0);
  expect(content).toEqual(noise(10));
});

test('a source can be opened again, from the start', () => {
  const entry = memoryEntry('name', noise(10), createDigest);
  expect(entry.open(ALL, ignore).poll()).toEqual(entry.open(ALL, ignore).poll());
});

test('a failure comes after its bytes, and nothing after it', () => {
  const source = memoryEntry('name', noise(10), createDigest, { failure: { after: 4, code: 9 } }).open(ALL, ignore);
  expect(source.poll()).toEqual({ kind: 'bytes', offset: 0, bytes: noise(10).subarray(0, 4) });
  expect(source.poll()).toMatchObject({ kind: 'failed', code: 9 });
  expect(source.poll()).toBeUndefined();
});

test('after close() nothing comes', () => {
  const source = memoryEntry('name', noise(10), createDigest).open(ALL, ignore);
  source.close();
  source.close();
  expect(source.poll()).toBeUndefined();
});

test('with a delay every piece comes a step later, with a wake', () => {
  const delay = new Delay(1);
  let wakes = 0;
  const source = memoryEntry('name', noise(2), createDigest, { pieceSize: 1, delay }).open(ALL, () => void wakes++);
  const kinds: (string | undefined)[] = [];
  for (let step = 0; step < 4; step++) {
    kinds.push(source.poll()?.kind, source.poll()?.kind);
    expect(wakes).toBe(Math.min(step, 3));
    delay.advance();
  }
  expect(kinds).toEqual([undefined, undefined, 'bytes', undefined, 'bytes', undefined, 'end', undefined]);
});

test('an entry of unknown size is offered without one', () => {
  expect(memoryEntry('-', noise(5), createDigest, { sizeKnown: false }).offer.size).toBeUndefined();
});
