import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BufferPool, type TransmitBuffer } from '../../src/net/buffer-pool.ts';

/** Takes until nothing is left. */
function drain(pool: BufferPool): TransmitBuffer[] {
  const taken: TransmitBuffer[] = [];
  for (let buffer = pool.take(); buffer !== undefined; buffer = pool.take()) taken.push(buffer);
  return taken;
}

const createPool = (size: number): BufferPool => new BufferPool(size, () => {});

describe('BufferPool', () => {
  test('gives buffers of its size, each to one holder, and not without end', () => {
    const taken = drain(createPool(100));
    expect(taken.every(({ bytes }) => bytes.length === 100)).toBe(true);
    expect(new Set(taken).size).toBe(taken.length);
    expect(taken.length).toBeGreaterThan(1);
    expect(taken.length).toBeLessThanOrEqual(128);
  });

  test('gives what came back again, and makes no new one while some are free', () => {
    const pool = createPool(10);
    const first = pool.take() as TransmitBuffer;
    pool.give(first);
    expect(pool.take()).toBe(first);
  });

  test('tells once, of the first that comes back, that somebody had asked in vain', () => {
    const pool = createPool(10);
    const [first, second, third] = drain(pool) as [TransmitBuffer, TransmitBuffer, TransmitBuffer];
    expect(pool.give(first)).toBe(true);
    expect(pool.give(second)).toBe(false);
    expect(pool.take()).toBeDefined();
    expect(pool.give(third)).toBe(false);
  });

  test('a buffer that was taken by the system is free again, and its owner hears of the error and of who waited', () => {
    const heard: unknown[] = [];
    const pool = new BufferPool(10, (error, wasAwaited) => heard.push([error, wasAwaited]));
    const [first, second] = drain(pool) as [TransmitBuffer, TransmitBuffer];
    const refused = new Error('refused');
    first.taken(refused);
    second.taken(null);
    expect(heard).toEqual([
      [refused, true],
      [null, false],
    ]);
    expect([pool.take(), pool.take(), pool.take()]).toEqual([second, first, undefined]);
  });

  test('the last of a run answers for those before it: all are free once the system has taken it', () => {
    const pool = createPool(10);
    const all = drain(pool);
    const [first, second, third, apart] = all as [TransmitBuffer, TransmitBuffer, TransmitBuffer, TransmitBuffer];
    second.answersFor = first;
    third.answersFor = second;
    third.taken(null);
    expect(new Set(drain(pool))).toEqual(new Set([first, second, third]));
    // Only that once: what they answered for then has nothing to do with what they hold now.
    third.taken(null);
    apart.taken(null);
    expect(new Set(drain(pool))).toEqual(new Set([third, apart]));
  });

  test.each([
    { name: 'length and place are the same', length: 4, to: 'host:1', isLike: true },
    { name: 'it is shorter', length: 3, to: 'host:1', isLike: false },
    { name: 'it goes elsewhere', length: 4, to: 'host:2', isLike: false },
  ])('a datagram is like another: $name: $isLike', ({ length, to, isLike }) => {
    const pool = createPool(10);
    const [one, other] = [pool.take() as TransmitBuffer, pool.take() as TransmitBuffer];
    one.address({ length: 4, to: 'host:1' });
    other.address({ length, to });
    expect([other.isLike(one), one.isLike(other)]).toEqual([isLike, isLike]);
  });

  test('holds the datagram that was written last, whatever the one before was', () => {
    const buffer = createPool(10).take() as TransmitBuffer;
    buffer.bytes.set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (const length of [4, 4, 10, 1, 4]) {
      buffer.address({ length, to: `host:${length}` });
      expect(buffer.to).toBe(`host:${length}`);
      expect([...buffer.datagram]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].slice(0, length));
    }
  });

  test('never gives a buffer that is in use, and never more than it may have', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 600 }), (takes) => {
        const pool = createPool(1);
        const used: TransmitBuffer[] = [];
        const seen = new Set<TransmitBuffer>();
        for (const take of takes) {
          const oldest = take ? undefined : used.shift();
          if (oldest !== undefined) pool.give(oldest);
          const buffer = take ? pool.take() : undefined;
          if (buffer === undefined) continue;
          expect(used).not.toContain(buffer);
          used.push(buffer);
          seen.add(buffer);
        }
        expect(seen.size).toBeLessThanOrEqual(128);
      }),
    );
  });
});
