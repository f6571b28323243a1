import { expect, test } from 'vitest';
import { HeldPieces } from '../../src/transfer/held-pieces.ts';
import { IncomingEntry } from '../../src/transfer/incoming-entry.ts';
import type { Offer } from '../../src/transfer/messages.ts';
import type { Sink } from '../../src/transfer/ports.ts';

const CRUMBS = 100_000;

/** Whoever is given back what was held: how much, and of which pieces. */
class Stream {
  consumedBytes = 0;
  readonly of: (Uint8Array | undefined)[] = [];

  consumed(count: number, of?: Uint8Array): void {
    this.consumedBytes += count;
    this.of.push(of);
  }
}

test('pieces go back in order, each part once, whatever the steps', () => {
  const pieces = [3, 1, 4, 1, 5].map((length) => new Uint8Array(length));
  const stream = new Stream();
  const held = new HeldPieces();
  for (const piece of pieces) held.push(piece);
  expect([0, 2, 2, 5, 14].map((taken) => held.giveBack(taken, stream))).toEqual([0, 2, 0, 3, 9]);
  const [a, b, c, d, e] = pieces;
  expect(stream.of).toEqual([a, a, b, c, c, d, e]);
  expect({ consumed: stream.consumedBytes, isEmpty: held.isEmpty }).toEqual({ consumed: 14, isEmpty: true });
  held.push(new Uint8Array(2));
  expect({ isEmpty: held.isEmpty, back: held.giveBack(100, stream) }).toEqual({ isEmpty: false, back: 2 });
});

test('a disk that takes crumbs one by one while a hundred thousand wait holds nobody up', () => {
  let taken = 0;
  const sink: Sink = {
    verdict: () => ({ verdict: 'accept', code: 0, offset: 0, text: new Uint8Array() }),
    write() {},
    compare() {},
    differing: () => undefined,
    taken: () => taken,
    end() {},
    receipt: () => undefined,
    abort() {},
  };
  const offer: Offer = {
    kind: 'offer',
    entry: 0,
    entryKind: 'file',
    size: CRUMBS,
    mtime: undefined,
    mode: undefined,
    fresh: false,
    path: [],
    target: new Uint8Array(),
  };
  const entry = new IncomingEntry(offer, sink);
  entry.decide();
  const crumb = new Uint8Array(1);
  for (let at = 0; at < CRUMBS; at++) entry.write(crumb, at);
  const stream = new Stream();
  while (taken < CRUMBS) {
    taken++;
    entry.giveBack(stream);
    if (stream.consumedBytes !== taken) break;
  }
  expect({ consumed: stream.consumedBytes, holds: entry.holdsBytes }).toEqual({ consumed: CRUMBS, holds: false });
});
