import { describe, expect, test } from 'vitest';
import type { IndexRange } from '../../src/channel/spec.ts';
import { createSha256 } from '../../src/crypto/digest.ts';
import { simulateTransfer, type TransferResult } from '../../src/sim/simulate-transfer.ts';
import { memoryEntry } from '../../src/transfer/memory-source.ts';
import type { ArqName } from '../../src/wire/terms.ts';
import { ARQ_NAMES } from './choices.ts';

const CONTENT = Uint8Array.from({ length: 60_000 }, (_, i) => (i * i) % 251);
const ENTRIES = [memoryEntry('file', CONTENT, createSha256)];
const EDGE = 20;
const TAIL = 50;
/** Fifty losses in a row, each after a timeout of up to 3 s, are more silence than the usual 30 s. */
const PATIENCE = { idleTimeout: 600_000, connectTimeout: 600_000 };

/** An hour: keep-alives would let two sides that wait for each other do so for ever, and a defect must fail, not hang. */
const UNTIL = 3_600_000;

/** Datagrams to lose, by index in each direction. */
interface Drops {
  readonly forward?: readonly number[];
  readonly backward?: readonly number[];
}

const toRanges = (indices: readonly number[] = []): IndexRange[] => indices.map((i) => ({ first: i, last: i }));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Every choice of two different members. */
const pairsOf = (list: readonly number[]): number[][] => list.flatMap((a, i) => list.slice(i + 1).map((b) => [a, b]));

/** The first and the last of `count` indices: where the handshake and the goodbye are. */
const edgesOf = (count: number): number[] => upTo(count).filter((i) => i < EDGE || i >= count - EDGE);

const lastOf = (count: number, length: number): number[] => upTo(count).slice(-length);

function send(arq: ArqName, drops: Drops): TransferResult {
  return simulateTransfer({
    seed: 1,
    entries: ENTRIES,
    createDigest: createSha256,
    sender: { arq, ...PATIENCE },
    receiver: PATIENCE,
    forward: { delay: 10, dropList: toRanges(drops.forward) },
    backward: { delay: 10, dropList: toRanges(drops.backward) },
    until: UNTIL,
  });
}

/** Both sides know of the success, and the file is there. */
function isDelivered({ end, incomingEnd, store }: TransferResult): boolean {
  const bytes = store.published.get('file')?.bytes;
  const isStored = end?.kind === 'complete' && end.outcomes.every((outcome) => outcome?.status === 'stored');
  return isStored && incomingEnd?.kind === 'complete' && bytes !== undefined && Buffer.compare(bytes, CONTENT) === 0;
}

/** Runs every case; the ones that fail, in words. */
function failuresAmong(arq: ArqName, cases: readonly Drops[]): string[] {
  return cases.flatMap((drops) => {
    const result = send(arq, drops);
    if (isDelivered(result)) return [];
    return [`${JSON.stringify(drops)}: sender ${result.end?.kind}, receiver ${result.incomingEnd?.kind}`];
  });
}

describe.each(ARQ_NAMES)('%s', (arq) => {
  const clean = send(arq, {});
  const forward = clean.forward.datagramsIn;
  const backward = clean.backward.datagramsIn;

  test('without loss it takes a datagram for every 1157 bytes, and answers', () => {
    expect(isDelivered(clean)).toBe(true);
    expect(forward).toBeGreaterThan(CONTENT.length / 1157);
    expect(backward).toBeGreaterThan(2);
  });

  test('completes whichever single datagram is lost', () => {
    const cases = [...upTo(forward).map((i) => ({ forward: [i] })), ...upTo(backward).map((i) => ({ backward: [i] }))];
    expect(failuresAmong(arq, cases)).toEqual([]);
  });

  test('completes whichever two of the first and last datagrams are lost', () => {
    const there = edgesOf(forward);
    const back = edgesOf(backward);
    const cases = [
      ...pairsOf(there).map((pair) => ({ forward: pair })),
      ...pairsOf(back).map((pair) => ({ backward: pair })),
      ...there.flatMap((i) => back.map((j) => ({ forward: [i], backward: [j] }))),
    ];
    expect(failuresAmong(arq, cases)).toEqual([]);
  });

  test('completes however many of the last datagrams are lost', () => {
    const cases = upTo(TAIL).flatMap((i) => {
      const there = lastOf(forward, i + 1);
      const back = lastOf(backward, i + 1);
      return [{ forward: there }, { backward: back }, { forward: there, backward: back }];
    });
    expect(failuresAmong(arq, cases)).toEqual([]);
  });
});
