import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Piece, SendStream } from '../../src/session/send-stream.ts';
import { byteAt, contentOf } from './content.ts';

const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** A stream of so many bytes, finished or not. */
function written(length: number, finished = false): SendStream {
  const stream = new SendStream();
  stream.write(contentOf(0, length));
  if (finished) stream.finish();
  return stream;
}

/** Takes pieces until there are none. */
function takeAll(stream: SendStream, max: number, limit = NO_LIMIT): Piece[] {
  const pieces: Piece[] = [];
  for (let piece = stream.take(max, limit); piece !== undefined; piece = stream.take(max, limit)) pieces.push(piece);
  return pieces;
}

const copyOf = (stream: SendStream, piece: Piece): Uint8Array => {
  const out = new Uint8Array(piece.length + 2).fill(0xee);
  stream.copy(piece, out, 1);
  expect([out[0], out.at(-1)]).toEqual([0xee, 0xee]);
  return out.subarray(1, -1);
};

describe('what was written is settled', () => {
  test('once all of it and all before it is acknowledged, whatever came first, and once only', () => {
    const stream = new SendStream();
    const settled: string[] = [];
    for (const [i, name] of ['a', 'b', 'c'].entries())
      stream.write(contentOf(10 * i, 10 * i + 10), () => settled.push(name));
    const [first, second, third] = takeAll(stream, 10) as [Piece, Piece, Piece];
    stream.onAcked(third);
    stream.onAcked(second);
    expect(settled).toEqual([]);
    stream.onAcked({ ...first, length: 9 });
    expect(settled).toEqual([]);
    stream.onAcked(first);
    expect(settled).toEqual(['a', 'b', 'c']);
    stream.onAcked(first);
    stream.onCumulative(30);
    expect(settled).toEqual(['a', 'b', 'c']);
  });

  test('not by a loss, nor by what is sent again: it may be read until it has arrived', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ at: fc.nat(), isLost: fc.boolean() }), { maxLength: 60 }), (fates) => {
        const stream = new SendStream();
        let arrived = 0; // without a gap
        const memory = Array.from({ length: 10 }, (_, i) => contentOf(7 * i, 7 * i + 7));
        for (const [i, bytes] of memory.entries()) {
          stream.write(bytes, () => {
            expect(arrived).toBeGreaterThanOrEqual(7 * (i + 1));
            bytes.fill(0xee); // used for something else
          });
        }
        const flying = takeAll(stream, 5);
        const has = new Set<number>();
        for (const { at, isLost } of fates) {
          const [piece] = flying.splice(at % Math.max(1, flying.length), 1);
          if (piece === undefined) break;
          expect(copyOf(stream, piece)).toEqual(contentOf(piece.offset, piece.offset + piece.length));
          if (isLost) stream.onLost(piece);
          else {
            for (let i = 0; i < piece.length; i++) has.add(piece.offset + i);
            while (has.has(arrived)) arrived++;
            stream.onAcked(piece);
          }
          flying.push(...takeAll(stream, 5));
        }
      }),
    );
  });
});

describe('cutting the stream into pieces', () => {
  test.each([
    { name: 'nothing', length: 0, finished: false, pieces: [] },
    { name: 'the end alone', length: 0, finished: true, pieces: [[0, 0, true]] },
    { name: 'less than a piece', length: 9, finished: true, pieces: [[0, 9, true]] },
    { name: 'exactly a piece', length: 10, finished: true, pieces: [[0, 10, true]] },
    {
      name: 'one byte more',
      length: 11,
      finished: true,
      pieces: [
        [0, 10, false],
        [10, 1, true],
      ],
    },
    {
      name: 'no end yet',
      length: 11,
      finished: false,
      pieces: [
        [0, 10, false],
        [10, 1, false],
      ],
    },
  ] as const)('$name', ({ length, finished, pieces }) => {
    const taken = takeAll(written(length, finished), 10);
    expect(taken.map(({ offset, length: size, fin }) => [offset, size, fin])).toEqual(pieces);
  });

  test('an end that comes after all bytes were sent goes out by itself, once', () => {
    const stream = written(10);
    takeAll(stream, 10);
    stream.finish();
    expect(stream.hasPending(NO_LIMIT)).toBe(true);
    expect(takeAll(stream, 10)).toEqual([{ offset: 10, length: 0, fin: true }]);
    expect(stream.hasPending(NO_LIMIT)).toBe(false);
  });

  test('stops at the peer’s credit and goes on with more', () => {
    const stream = written(30, true);
    expect(takeAll(stream, 10, 15).map(({ offset, length }) => [offset, length])).toEqual([
      [0, 10],
      [10, 5],
    ]);
    expect([stream.hasPending(15), stream.hasPending(16)]).toEqual([false, true]);
    expect(takeAll(stream, 10, 30).at(-1)).toEqual({ offset: 25, length: 5, fin: true });
  });

  test('what was lost goes out again whatever the credit, and before anything new', () => {
    const stream = written(40);
    const [first] = takeAll(stream, 10, 20);
    stream.onLost(first as Piece);
    expect(stream.take(10, 20)).toEqual({ offset: 0, length: 10, fin: false });
    expect(stream.take(10, 30)).toEqual({ offset: 20, length: 10, fin: false });
  });

  test('may be cut differently when it goes out again', () => {
    const stream = written(30, true);
    for (const piece of takeAll(stream, 10)) stream.onLost(piece);
    expect(takeAll(stream, 25)).toEqual([
      { offset: 0, length: 25, fin: false },
      { offset: 25, length: 5, fin: true },
    ]);
  });

  test('nothing is written after the end: that is a mistake of the caller', () => {
    expect(() => written(1, true).write(contentOf(0, 1))).toThrow('finished');
  });
});

describe('the end of the stream', () => {
  test('is over only when every byte and the end itself were acknowledged', () => {
    const stream = written(10);
    const [bytes] = takeAll(stream, 10);
    stream.finish();
    const [end] = takeAll(stream, 10);
    stream.onAcked(end as Piece);
    expect(stream.complete).toBe(false);
    stream.onAcked(bytes as Piece);
    expect(stream.complete).toBe(true);
  });

  test('a cumulative offset does not acknowledge it', () => {
    const stream = written(10, true);
    takeAll(stream, 10);
    expect(stream.onCumulative(10)).toBe(true);
    expect(stream.complete).toBe(false);
  });

  test('that was lost goes out by itself when its bytes arrived otherwise', () => {
    const stream = written(10, true);
    const [piece] = takeAll(stream, 10) as [Piece];
    stream.onCumulative(10);
    stream.onLost(piece);
    expect(takeAll(stream, 10)).toEqual([{ offset: 10, length: 0, fin: true }]);
  });

  test('that arrived is not sent again when another copy of it was lost', () => {
    const stream = written(10, true);
    const [piece] = takeAll(stream, 10) as [Piece];
    stream.onAcked(piece);
    stream.onLost(piece);
    expect([stream.complete, stream.hasLost]).toEqual([true, false]);
  });
});

describe('probes', () => {
  test('are the oldest bytes that nobody acknowledged, up to the next that somebody did', () => {
    const stream = written(40);
    const [first, , third] = takeAll(stream, 10) as [Piece, Piece, Piece];
    expect(stream.takeOldest(10)).toEqual({ offset: 0, length: 10, fin: false });
    stream.onAcked(first);
    stream.onAcked(third);
    expect(stream.takeOldest(25)).toEqual({ offset: 10, length: 10, fin: false });
  });

  test('are not sent twice: what was lost and probed is not lost any more', () => {
    const stream = written(10);
    const [piece] = takeAll(stream, 10) as [Piece];
    stream.onLost(piece);
    stream.takeOldest(10);
    expect(stream.hasLost).toBe(false);
  });

  test('are the end alone when only that is missing, and nothing when nothing is', () => {
    const stream = written(10, true);
    const [piece] = takeAll(stream, 10) as [Piece];
    stream.onCumulative(10);
    expect(stream.takeOldest(10)).toEqual({ offset: 10, length: 0, fin: true });
    stream.onAcked(piece);
    expect(stream.takeOldest(10)).toBeUndefined();
    expect(written(10).takeOldest(10)).toBeUndefined(); // nothing was sent yet
  });
});

test('a cumulative offset beyond what was sent is refused', () => {
  const stream = written(20);
  stream.take(10, NO_LIMIT);
  expect([stream.onCumulative(10), stream.onCumulative(11)]).toEqual([true, false]);
});

const where = fc.double({ min: 0, max: 0.999, noNaN: true });
const operation = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('write' as const), length: fc.nat(40) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('take' as const), max: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('probe' as const), max: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('deliver' as const, 'lose' as const), at: where }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('acknowledge' as const), at: where }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('cumulative' as const, 'finish' as const) }) },
);

/** Too simple to be wrong: what the sender knows to have arrived, byte by byte. */
class Model {
  readonly known = new Set<number>();
  readonly arrived = new Set<number>();
  length = 0;
  finished = false;
  endKnown = false;
  endArrived = false;

  get base(): number {
    return firstMissing(this.known);
  }
}

function firstMissing(numbers: ReadonlySet<number>): number {
  let at = 0;
  while (numbers.has(at)) at++;
  return at;
}

const bytesOf = ({ offset, length }: Piece): number[] => Array.from({ length }, (_, i) => offset + i);

describe('SendStream', () => {
  test('sends everything, never what is known to have arrived, whatever is acknowledged or lost in whatever order', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), fc.integer({ min: 1, max: 50 }), (operations, credit) => {
        const stream = new SendStream();
        const model = new Model();
        const flying: Piece[] = [];
        const delivered: Piece[] = [];
        const send = (piece: Piece | undefined, max: number): void => {
          if (piece === undefined) return;
          expect(piece.length).toBeLessThanOrEqual(max);
          expect(bytesOf(piece).filter((offset) => model.known.has(offset))).toEqual([]);
          expect(piece.fin).toBe(model.finished && piece.offset + piece.length === model.length);
          expect([...copyOf(stream, piece)]).toEqual(bytesOf(piece).map(byteAt));
          flying.push(piece);
        };
        const deliver = (piece: Piece): void => {
          for (const offset of bytesOf(piece)) model.arrived.add(offset);
          model.endArrived ||= piece.fin;
          delivered.push(piece);
        };
        const acknowledge = (piece: Piece): void => {
          stream.onAcked(piece);
          for (const offset of bytesOf(piece)) model.known.add(offset);
          model.endKnown ||= piece.fin;
        };
        for (const op of operations) {
          const limit = firstMissing(model.arrived) + credit;
          if (op.kind === 'write' && !model.finished) {
            stream.write(contentOf(model.length, model.length + op.length));
            model.length += op.length;
          } else if (op.kind === 'finish') {
            stream.finish();
            model.finished = true;
          } else if (op.kind === 'take') {
            const { next } = stream;
            const piece = stream.take(op.max, limit);
            send(piece, op.max);
            if (piece !== undefined && piece.offset >= next)
              expect(piece.offset + piece.length).toBeLessThanOrEqual(Math.max(limit, next));
          } else if (op.kind === 'probe') {
            send(stream.takeOldest(op.max), op.max);
          } else if (op.kind === 'deliver') {
            for (const piece of flying.splice(Math.floor(op.at * flying.length), 1)) deliver(piece);
          } else if (op.kind === 'lose') {
            for (const piece of flying.splice(Math.floor(op.at * flying.length), 1)) stream.onLost(piece);
          } else if (op.kind === 'acknowledge') {
            for (const piece of delivered.splice(Math.floor(op.at * delivered.length), 1)) acknowledge(piece);
          } else if (op.kind === 'cumulative') {
            const cumulative = firstMissing(model.arrived);
            expect(stream.onCumulative(cumulative)).toBe(true);
            for (let offset = 0; offset < cumulative; offset++) model.known.add(offset);
          }
          expect(stream.buffered).toBe(model.length - model.base);
          expect(stream.complete).toBe(model.endKnown && model.base === model.length);
        }
        // From now on nothing is lost: it has to come to its end.
        stream.finish();
        model.finished = true;
        for (const piece of flying) stream.onLost(piece);
        for (let rounds = 0; !stream.complete; rounds++) {
          expect(rounds).toBeLessThan(1000);
          const piece = stream.take(20, NO_LIMIT);
          if (piece !== undefined) {
            deliver(piece);
          }
          for (const known of delivered.splice(0)) acknowledge(known);
        }
        expect(firstMissing(model.arrived)).toBe(model.length);
        expect(model.endArrived).toBe(true);
        expect(stream.buffered).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
