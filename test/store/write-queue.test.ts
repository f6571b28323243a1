import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BATCH, WriteQueue } from '../../src/store/write-queue.ts';

test('what is pushed is taken, in order, whatever the sizes', () => {
  const size = fc.oneof(fc.nat(100), fc.constantFrom(0, 1, 32_767, 32_768, 32_769, BATCH - 1, BATCH, BATCH + 1));
  const steps = fc.array(fc.oneof(size, fc.constant('take' as const)), { maxLength: 30 });
  fc.assert(
    fc.property(steps, (script) => {
      const queue = new WriteQueue();
      let pushed = 0;
      let taken = 0;
      const take = (): void => {
        const { pieces, offset, size: batch } = queue.take();
        expect(pieces.reduce((sum, piece) => sum + piece.length, 0)).toBe(batch);
        expect(batch <= BATCH || pieces.length === 1).toBe(true);
        if (batch > 0) expect(offset).toBe(taken);
        // Bytes count up from 0, modulo 256, over all views.
        for (const piece of pieces) {
          expect([piece[0], piece.at(-1)]).toEqual([taken & 0xff, (taken + piece.length - 1) & 0xff]);
          taken += piece.length;
        }
      };
      for (const step of script) {
        if (step === 'take') take();
        else {
          const view = new Uint8Array(step);
          for (let i = 0; i < step; i++) view[i] = (pushed + i) & 0xff;
          queue.push(view, pushed);
          pushed += step;
        }
        expect(queue.size).toBe(pushed - taken);
      }
      while (queue.size > 0) take();
      expect(taken).toBe(pushed);
      expect(queue.take().pieces).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test('small views become one piece', () => {
  const queue = new WriteQueue();
  for (let i = 0; i < 200; i++) queue.push(new Uint8Array(1200).fill(i), i * 1200);
  const { pieces } = queue.take();
  expect(pieces.map((piece) => piece.length)).toEqual([240_000]);
  expect(
    Buffer.from(pieces[0] ?? []).equals(Buffer.concat(Array.from({ length: 200 }, (_, i) => Buffer.alloc(1200, i)))),
  ).toBe(true);
});

test('slices of one page are one piece again, without a copy', () => {
  const queue = new WriteQueue();
  const page = new Uint8Array(100_000);
  const other = new Uint8Array(50_000);
  for (let at = 0; at < page.length; at += 1000) queue.push(page.subarray(at, at + 1000), at);
  queue.push(other.subarray(100), 100_000);
  queue.push(other.subarray(0, 100), 149_900); // before it in memory
  const [first, second, third] = queue.take().pieces;
  expect([first?.buffer, first?.byteOffset, first?.length]).toEqual([page.buffer, 0, 100_000]);
  expect([second?.buffer, second?.byteOffset, second?.length]).toEqual([other.buffer, 100, 49_900]);
  expect(third?.length).toBe(100);
});

test('a page however large never becomes one long write', () => {
  const queue = new WriteQueue();
  const page = new Uint8Array(3 * BATCH);
  for (let at = 0; at < page.length; at += 1000) queue.push(page.subarray(at, at + 1000), at);
  for (let left = page.length; left > 0; ) {
    const batch = queue.take().size;
    expect(batch).toBeLessThanOrEqual(BATCH);
    left -= batch;
  }
});

test('what belongs elsewhere in the file is a batch of its own, and the order stays', () => {
  const queue = new WriteQueue();
  const page = new Uint8Array(400);
  queue.push(page.subarray(0, 100), 5_000);
  queue.push(page.subarray(100, 200), 0); // follows in memory, not in the file
  queue.push(page.subarray(200, 300), 100);
  queue.push(page.subarray(300, 400), 5_100);
  const batches = [queue.take(), queue.take(), queue.take(), queue.take()];
  expect(batches.map(({ offset, size }) => [offset, size])).toEqual([
    [5_000, 100],
    [0, 200],
    [5_100, 100],
    [0, 0],
  ]);
});

test('clear tells how much was thrown away', () => {
  const queue = new WriteQueue();
  queue.push(new Uint8Array(7), 0);
  queue.push(new Uint8Array(5), 7);
  expect([queue.clear(), queue.size, queue.take().pieces]).toEqual([12, 0, []]);
});
