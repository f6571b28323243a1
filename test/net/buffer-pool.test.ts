import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BufferPool } from '../../src/net/buffer-pool.ts';

/** Takes until nothing is left. */
function drain(pool: BufferPool): Uint8Array[] {
  const taken: Uint8Array[] = [];
  for (let buffer = pool.take(); buffer !== undefined; buffer = pool.take()) taken.push(buffer);
  return taken;
}

describe('BufferPool', () => {
  test('gives buffers of its size, each to one holder, and not without end', () => {
    const taken = drain(new BufferPool(100));
    expect(taken.every(({ length }) => length === 100)).toBe(true);
    expect(new Set(taken).size).toBe(taken.length);
    expect(taken.length).toBeGreaterThan(1);
    expect(taken.length).toBeLessThanOrEqual(128);
  });

  test('gives what came back again, and makes no new one while some are free', () => {
    const pool = new BufferPool(10);
    const first = pool.take() as Uint8Array;
    pool.give(first);
    expect(pool.take()).toBe(first);
  });

  test('tells once, of the first that comes back, that somebody had asked in vain', () => {
    const pool = new BufferPool(10);
    const [first, second, third] = drain(pool) as [Uint8Array, Uint8Array, Uint8Array];
    expect(pool.give(first)).toBe(true);
    expect(pool.give(second)).toBe(false);
    expect(pool.take()).toBeDefined();
    expect(pool.give(third)).toBe(false);
  });

  test('never gives a buffer that is in use, and never more than it may have', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 600 }), (takes) => {
        const pool = new BufferPool(1);
        const used: Uint8Array[] = [];
        const seen = new Set<Uint8Array>();
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
