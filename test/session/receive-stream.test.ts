import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReceiveStream } from '../../src/session/receive-stream.ts';
import { contentOf } from './content.ts';

const PAGE = 65_536;
const MIB = 1024 * 1024;

/** Everything that can be read now. */
function readAll(stream: ReceiveStream): number[] {
  const bytes: number[] = [];
  for (let piece = stream.read(); piece !== undefined; piece = stream.read()) bytes.push(...piece);
  return bytes;
}

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

/** Places so many bytes of `value` at `offset`. */
const place = (stream: ReceiveStream, offset: number, length: number, fin = false, value = 1): string =>
  stream.place(offset, filled(length, value), fin);

describe('the rules a peer may break', () => {
  test.each([
    { name: 'bytes up to the credit', before: [], offset: 90, length: 10, result: 'kept' },
    { name: 'a byte beyond the credit', before: [], offset: 91, length: 10, result: 'violation' },
    { name: 'bytes up to the end', before: [[10, 10, true]], offset: 15, length: 5, result: 'kept' },
    { name: 'a byte beyond the end', before: [[10, 10, true]], offset: 15, length: 6, result: 'violation' },
    { name: 'the end again', before: [[10, 10, true]], offset: 20, length: 0, fin: true, result: 'kept' },
    {
      name: 'the end again with other bytes',
      before: [[10, 10, true]],
      offset: 5,
      length: 15,
      fin: true,
      result: 'kept',
    },
    { name: 'the end earlier', before: [[10, 10, true]], offset: 19, length: 0, fin: true, result: 'violation' },
    { name: 'the end later', before: [[10, 10, true]], offset: 21, length: 0, fin: true, result: 'violation' },
    {
      name: 'an end below what came',
      before: [[10, 10, false]],
      offset: 19,
      length: 0,
      fin: true,
      result: 'violation',
    },
    { name: 'an end at what came', before: [[10, 10, false]], offset: 20, length: 0, fin: true, result: 'kept' },
  ] as const)('$name: $result', ({ before, offset, length, fin = false, result }) => {
    const stream = new ReceiveStream(100, true);
    for (const [at, size, end] of before) expect(place(stream, at, size, end)).toBe('kept');
    expect(place(stream, offset, length, fin)).toBe(result);
  });

  test.each([true, false])('hold for what is not kept too (keeps out of order: %s)', (keepsOutOfOrder) => {
    const stream = new ReceiveStream(100, keepsOutOfOrder);
    expect(place(stream, 95, 6)).toBe('violation');
  });
});

describe('order', () => {
  test('with selective repeat what is ahead of a gap is kept and read when the gap closes', () => {
    const stream = new ReceiveStream(100, true);
    place(stream, 2, 2, true, 2);
    expect(readAll(stream)).toEqual([]);
    expect([stream.contiguous, stream.readFinished]).toEqual([0, false]);
    place(stream, 0, 2, false, 1);
    expect(readAll(stream)).toEqual([1, 1, 2, 2]);
    expect([stream.contiguous, stream.readFinished]).toEqual([4, true]);
  });

  test('without, it is not kept, and neither is the end with it', () => {
    const stream = new ReceiveStream(100, false);
    expect(place(stream, 2, 2, true)).toBe('not-kept');
    expect(place(stream, 4, 0, true)).toBe('not-kept');
    expect(place(stream, 0, 2)).toBe('kept');
    expect(place(stream, 2, 3)).toBe('kept'); // no end is remembered
    expect(stream.contiguous).toBe(5);
    expect(stream.buffered).toBe(PAGE);
  });

  test('without, what overlaps the next byte is kept', () => {
    const stream = new ReceiveStream(100, false);
    place(stream, 0, 10);
    expect(place(stream, 5, 10)).toBe('kept');
    expect(place(stream, 0, 3)).toBe('kept');
    expect(stream.contiguous).toBe(15);
  });

  test('where frames overlap the first one counts', () => {
    const stream = new ReceiveStream(100, true);
    place(stream, 2, 2, false, 1);
    place(stream, 0, 6, false, 2);
    place(stream, 0, 6, false, 3);
    expect(readAll(stream)).toEqual([2, 2, 1, 1, 2, 2]);
  });

  test('what was read does not change when its frame comes again with other bytes', () => {
    const stream = new ReceiveStream(100, true);
    place(stream, 0, 10, false, 1);
    const bytes = stream.read() as Uint8Array;
    place(stream, 5, 10, false, 2);
    expect([...bytes]).toEqual(new Array(10).fill(1));
    expect(readAll(stream)).toEqual(new Array(5).fill(2));
  });

  test('an empty stream ends', () => {
    const stream = new ReceiveStream(100, true);
    expect(stream.readFinished).toBe(false);
    place(stream, 0, 0, true);
    expect([stream.readFinished, stream.read()]).toEqual([true, undefined]);
  });
});

describe('credit', () => {
  test('is granted anew when half of it was consumed, not when it was read', () => {
    const stream = new ReceiveStream(100, true);
    place(stream, 0, 80);
    readAll(stream);
    expect(stream.pollCredit()).toBeUndefined();
    stream.consumed(49);
    expect(stream.pollCredit()).toBeUndefined();
    stream.consumed(1);
    expect(stream.pollCredit()).toBe(150);
    expect(stream.pollCredit()).toBeUndefined();
    expect(stream.granted).toBe(150);
    expect(place(stream, 140, 10)).toBe('kept');
    expect(place(stream, 141, 10)).toBe('violation');
  });
});

describe('memory', () => {
  test('every second byte: no more than 1024 holes, and what closes the first one is always kept', () => {
    const stream = new ReceiveStream(MIB, true);
    const results = new Map<string, number>();
    for (let offset = 1; offset < 20_000; offset += 2) {
      const result = place(stream, offset, 1);
      results.set(result, (results.get(result) ?? 0) + 1);
    }
    expect([...results]).toEqual([
      ['kept', 1025],
      ['not-kept', 8975],
    ]);
    for (let offset = 0; offset < 20_000; offset += 2) expect(place(stream, offset, 2)).toBe('kept');
    expect(stream.contiguous).toBe(20_000);
  });

  test('is bounded by the credit, a byte on every page', () => {
    const stream = new ReceiveStream(4 * MIB, true);
    for (let offset = PAGE - 1; offset < 4 * MIB; offset += PAGE) place(stream, offset, 1);
    expect(stream.buffered).toBe(4 * MIB);
  });

  test('is given back as pages are read', () => {
    const stream = new ReceiveStream(4 * MIB, true);
    stream.place(0, filled(3 * PAGE + 5, 1), false);
    for (let piece = stream.read(); piece !== undefined; piece = stream.read());
    expect(stream.buffered).toBe(PAGE);
  });
});

describe('ReceiveStream', () => {
  const frame = fc.record({
    offset: fc.nat(400),
    length: fc.integer({ min: 0, max: 60 }),
    value: fc.nat(255),
    reads: fc.boolean(),
  });

  test.each([true, false])('agrees with an array of bytes (keeps out of order: %s)', (keepsOutOfOrder) => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 80 }), fc.integer({ min: 1, max: 300 }), (frames, window) => {
        const stream = new ReceiveStream(window, keepsOutOfOrder);
        const model: (number | undefined)[] = [];
        const read: number[] = [];
        let granted = window;
        const next = (): number => {
          const gap = model.indexOf(undefined);
          return gap === -1 ? model.length : gap;
        };
        for (const { offset, length, value, reads } of frames) {
          const expected =
            offset + length > granted ? 'violation' : !keepsOutOfOrder && offset > next() ? 'not-kept' : 'kept';
          expect(place(stream, offset, length, false, value)).toBe(expected);
          if (expected === 'kept') {
            while (model.length < offset + length) model.push(undefined);
            for (let at = offset; at < offset + length; at++) model[at] ??= value;
          }
          expect(stream.contiguous).toBe(next());
          if (!reads) continue;
          const piece = readAll(stream);
          read.push(...piece);
          stream.consumed(piece.length);
          granted = stream.pollCredit() ?? granted;
          expect(granted).toBeLessThanOrEqual(read.length + window);
        }
        read.push(...readAll(stream));
        expect(read).toEqual(model.slice(0, next()));
      }),
      { numRuns: 300 },
    );
  });

  test('puts together megabytes across pages from packets in any order', () => {
    const content = contentOf(0, 5 * PAGE + 123);
    const stream = new ReceiveStream(MIB, true);
    const offsets = Array.from({ length: Math.ceil(content.length / 1157) }, (_, i) => 1157 * ((i * 101) % 284));
    for (const offset of offsets) {
      const bytes = content.subarray(offset, offset + 1157);
      expect(stream.place(offset, bytes, offset + bytes.length === content.length)).toBe('kept');
    }
    expect(Buffer.compare(Uint8Array.from(readAll(stream)), content)).toBe(0);
    expect(stream.readFinished).toBe(true);
  });
});
