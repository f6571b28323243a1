import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { probeSizes } from '../../src/session/probe-sizes.ts';

describe('probeSizes()', () => {
  test.each([
    ['nothing is above the base', 1200, []],
    ['an interface with the smallest MTU of IPv6', 1232, [1232]],
    ['Ethernet over IPv4', 1472, [1472, 1452, 1432, 1392, 1372, 1352, 1252, 1232]],
    ['a limit that is no usual size', 1300, [1300, 1252, 1232]],
    ['jumbo frames', 8972, [8972, 8952, 4052, 1472, 1452, 1432, 1392, 1372, 1352, 1252, 1232]],
  ])('%s', (_, limit, sizes) => expect(probeSizes(limit)).toEqual(sizes));

  test('begin with the limit and fall, all above the base', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1201, max: 65_507 }), (limit) => {
        const sizes = probeSizes(limit);
        expect(sizes[0]).toBe(limit);
        expect(sizes.every((size, i) => size > 1200 && size > (sizes[i + 1] ?? 0))).toBe(true);
      }),
    );
  });
});
