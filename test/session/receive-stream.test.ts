import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReceiveStream } from '../../src/session/receive-stream.ts';
import { contentOf } from './content.ts';

const PAGE = 65_536;
const MIB = 1024 * 1024;
/** What the peer may send, where it matters. */
const LIMIT = 100;

/** Everything that can be read now. */
function readAll(stream: ReceiveStream): number[] {
  const bytes: number[] = [];
  for (let piece = stream.read(); piece !== undefined; piece = stream.read()) bytes.push(...piece);
  return bytes;
}

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

/** Places so many bytes of `value` at `offset`. */
const place = (stream: ReceiveStream, offset: number, length: number, fin = false, value = 1, limit = LIMIT): string =>
  stream.place(offset, filled(length, value), fin, limit);

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
    const stream = new ReceiveStream(true);
    for (const [at, size, end] of before) expect(place(stream, at, size, end)).toBe('kept');
    expect(place(stream, offset, length, fin)).toBe(result);
  });

  test.each([true, false])('hold for what is not kept too (keeps out of order: %s)', (keepsOutOfOrder) => {
    const stream = new ReceiveStream(keepsOutOfOrder);
    expect(place(stream, 95, 6)).toBe('violation');
  });
});

describe('order', () => {
  test('with selective repeat what is ahead of a gap is kept and read when the gap closes', () => {
    const stream = new ReceiveStream(true);
    place(stream, 2, 2, true, 2);
    expect(readAll(stream)).toEqual([]);
    expect([stream.contiguous, stream.readFinished]).toEqual([0, false]);
    place(stream, 0, 2, false, 1);
    expect(readAll(stream)).toEqual([1, 1, 2, 2]);
    expect([stream.contiguous, stream.readFinished]).toEqual([4, true]);
  });

  test('without, it is not kept, and neither is the end with it', () => {
    const stream = new ReceiveStream(false);
    expect(place(stream, 2, 2, true)).toBe('not-kept');
    expect(place(stream, 4, 0, true)).toBe('not-kept');
    expect(place(stream, 0, 2)).toBe('kept');
    expect(place(stream, 2, 3)).toBe('kept'); // no end is remembered
    expect(stream.contiguous).toBe(5);
    expect(stream.buffered).toBe(PAGE);
  });

  test('without, what overlaps the next byte is kept', () => {
    const stream = new ReceiveStream(false);
    place(stream, 0, 10);
    expect(place(stream, 5, 10)).toBe('kept');
    expect(place(stream, 0, 3)).toBe('kept');
    expect(stream.contiguous).toBe(15);
  });

  test('where frames overlap the first one counts', () => {
    const stream = new ReceiveStream(true);
    place(stream, 2, 2, false, 1);
    place(stream, 0, 6, false, 2);
    place(stream, 0, 6, false, 3);
    expect(readAll(stream)).toEqual([2, 2, 1, 1, 2, 2]);
  });

  test('what was read does not change when its frame comes again with other bytes', () => {
    const stream = new ReceiveStream(true);
    place(stream, 0, 10, false, 1);
    const bytes = stream.read() as Uint8Array;
    place(stream, 5, 10, false, 2);
    expect([...bytes]).toEqual(new Array(10).fill(1));
    expect(readAll(stream)).toEqual(new Array(5).fill(2));
  });

  test('an empty stream ends', () => {
    const stream = new ReceiveStream(true);
    expect(stream.readFinished).toBe(false);
    place(stream, 0, 0, true);
    expect([stream.readFinished, stream.read()]).toEqual([true, undefined]);
  });
});

describe('memory', () => {
  test('every second byte: no more than 1024 holes, and what closes the first one is always kept', () => {
    const stream = new ReceiveStream(true);
    const results = new Map<string, number>();
    for (let offset = 1; offset < 20_000; offset += 2) {
      const result = place(stream, offset, 1, false, 1, MIB);
      results.set(result, (results.get(result) ?? 0) + 1);
    }
    expect([...results]).toEqual([
      ['kept', 1025],
      ['not-kept', 8975],
    ]);
    // What fills a hole, or makes a piece longer, is kept too: there are no more pieces for it.
    expect(place(stream, 1000, 1, false, 1, MIB)).toBe('kept');
    expect(place(stream, 2050, 2, false, 1, MIB)).toBe('kept');
    expect(place(stream, 3000, 2, false, 1, MIB)).toBe('kept'); // one hole was filled: there is room for a piece
    expect(place(stream, 4000, 2, false, 1, MIB)).toBe('not-kept');
    for (let offset = 0; offset < 20_000; offset += 2) expect(place(stream, offset, 2, false, 1, MIB)).toBe('kept');
    expect(stream.contiguous).toBe(20_000);
  });

  test('is bounded by the limit, a byte on every page', () => {
    const stream = new ReceiveStream(true);
    for (let offset = PAGE - 1; offset < 4 * MIB; offset += PAGE) place(stream, offset, 1, false, 1, 4 * MIB);
    expect(stream.buffered).toBe(4 * MIB);
  });

  test('is given back as pages are read', () => {
    const stream = new ReceiveStream(true);
    stream.place(0, filled(3 * PAGE + 5, 1), false, MIB);
    for (let piece = stream.read(); piece !== undefined; piece = stream.read());
    expect(stream.buffered).toBe(PAGE);
  });
});

describe('memory that the reader has done with', () => {
  test('holds later bytes; what is still being looked at is never written to', () => {
    const length = 997;
    const piece = fc.record({ ahead: fc.nat(4), frees: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 400 }), (steps) => {
        const stream = new ReceiveStream(true);
        const held: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
        let offset = 0;
        let at = 0;
        for (const { ahead, frees } of steps) {
          const from = offset + ahead * length;
          stream.place(from, contentOf(from, from + length), false, Number.MAX_SAFE_INTEGER);
          stream.place(offset, contentOf(offset, offset + length), false, Number.MAX_SAFE_INTEGER);
          offset = stream.contiguous;
          for (let bytes = stream.read(); bytes !== undefined; bytes = stream.read()) {
            held.push({ offset: at, bytes });
            at += bytes.length;
          }
          for (const done of held.splice(0, frees)) stream.free(done.bytes.length, done.bytes);
          for (const { offset: start, bytes } of held) {
            if (Buffer.compare(bytes, contentOf(start, start + bytes.length)) !== 0) throw new Error(`at ${start}`);
          }
        }
        expect(at).toBe(stream.contiguous);
      }),
    );
  });

  test('of a reader that keeps up is the same few pages for ever', () => {
    const stream = new ReceiveStream(true);
    const buffers = new Set<ArrayBufferLike>();
    for (let offset = 0; offset < 100 * PAGE; offset += 1000) {
      stream.place(offset, filled(1000, 1), false, Number.MAX_SAFE_INTEGER);
      for (let bytes = stream.read(); bytes !== undefined; bytes = stream.read()) {
        buffers.add(bytes.buffer);
        stream.free(bytes.length, bytes);
      }
    }
    expect(buffers.size).toBeLessThanOrEqual(3);
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
        const stream = new ReceiveStream(keepsOutOfOrder);
        const model: (number | undefined)[] = [];
        const read: number[] = [];
        let limit = window;
        const next = (): number => {
          const gap = model.indexOf(undefined);
          return gap === -1 ? model.length : gap;
        };
        for (const { offset, length, value, reads } of frames) {
          const expected =
            offset + length > limit ? 'violation' : !keepsOutOfOrder && offset > next() ? 'not-kept' : 'kept';
          expect(place(stream, offset, length, false, value, limit)).toBe(expected);
          if (expected === 'kept') {
            while (model.length < offset + length) model.push(undefined);
            for (let at = offset; at < offset + length; at++) model[at] ??= value;
          }
          expect(stream.contiguous).toBe(next());
          expect(stream.highest).toBe(model.length);
          if (!reads) continue;
          const piece = readAll(stream);
          read.push(...piece);
          limit = read.length + window;
        }
        read.push(...readAll(stream));
        expect(read).toEqual(model.slice(0, next()));
      }),
      { numRuns: 300 },
    );
  });

  test('puts together megabytes across pages from packets in any order', () => {
    const content = contentOf(0, 5 * PAGE + 123);
    const stream = new ReceiveStream(true);
    const offsets = Array.from({ length: Math.ceil(content.length / 1157) }, (_, i) => 1157 * ((i * 101) % 284));
    for (const offset of offsets) {
      const bytes = content.subarray(offset, offset + 1157);
      expect(stream.place(offset, bytes, offset + bytes.length === content.length, MIB)).toBe('kept');
    }
    expect(Buffer.compare(Uint8Array.from(readAll(stream)), content)).toBe(0);
    expect(stream.readFinished).toBe(true);
  });
});
