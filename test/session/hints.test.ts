import { describe, expect, test } from 'vitest';
import { type Hint, Hints } from '../../src/session/hints.ts';

const BUSY: Hint = { kind: 'refused', code: 5 };
const SHUTTING_DOWN: Hint = { kind: 'refused', code: 4 };
const VERSION_2: Hint = { kind: 'version', versions: [2] };
const UNREACHABLE: Hint = { kind: 'unreachable' };

describe('Hints', () => {
  test.each([
    { name: 'once', hints: [[0, BUSY]], believed: false },
    {
      name: 'three times at once: one forger can do that',
      hints: [
        [0, BUSY],
        [1, BUSY],
        [2, BUSY],
      ],
      believed: false,
    },
    {
      name: 'twice over two seconds',
      hints: [
        [0, BUSY],
        [2000, BUSY],
      ],
      believed: false,
    },
    {
      name: 'three times over not quite two seconds',
      hints: [
        [0, BUSY],
        [1000, BUSY],
        [1999, BUSY],
      ],
      believed: false,
    },
    {
      name: 'three times over two seconds',
      hints: [
        [0, BUSY],
        [1000, BUSY],
        [2000, BUSY],
      ],
      believed: true,
    },
    {
      name: 'three times, but another reason between',
      hints: [
        [0, BUSY],
        [1000, SHUTTING_DOWN],
        [2000, BUSY],
      ],
      believed: false,
    },
    {
      name: 'three times, but another kind between',
      hints: [
        [0, BUSY],
        [1000, UNREACHABLE],
        [2000, BUSY],
      ],
      believed: false,
    },
    {
      name: 'nobody listens, three times',
      hints: [
        [0, UNREACHABLE],
        [1000, UNREACHABLE],
        [2100, UNREACHABLE],
      ],
      believed: true,
    },
    {
      name: 'other versions, three times',
      hints: [
        [0, VERSION_2],
        [1000, VERSION_2],
        [2100, VERSION_2],
      ],
      believed: true,
    },
  ] as const)('$name: $believed', ({ hints, believed }) => {
    const all = new Hints();
    expect(hints.map(([now, hint]) => all.take(now, hint)).at(-1)).toBe(believed);
    expect(all.last).toBe(hints.at(-1)?.[1]);
  });

  test('a VERSION that names ours contradicts itself and explains nothing', () => {
    const hints = new Hints();
    for (const now of [0, 1000, 2000, 3000]) expect(hints.take(now, { kind: 'version', versions: [2, 1] })).toBe(false);
    expect(hints.last).toBeUndefined();
  });
});
