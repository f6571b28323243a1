import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32c } from '../../src/wire/crc32c.ts';
import { bitwiseCrc32c } from './layout.ts';
import { fromHex, readVectors } from './vector-file.ts';

const ascending = Uint8Array.from({ length: 32 }, (_, index) => index);

// RFC 3720 appendix B.4 lists its sums in the order of transmission: the same bytes from the other end.
test.each([
  { name: 'the check value', bytes: new TextEncoder().encode('123456789'), crc: 0xe3069283 },
  { name: '32 zeros', bytes: new Uint8Array(32), crc: 0x8a9136aa },
  { name: '32 ones', bytes: new Uint8Array(32).fill(0xff), crc: 0x62a8ab43 },
  { name: '32 ascending', bytes: ascending, crc: 0x46dd794e },
  { name: '32 descending', bytes: ascending.toReversed(), crc: 0x113fdb5c },
  { name: 'nothing', bytes: new Uint8Array(0), crc: 0 },
])('$name', ({ bytes, crc }) => {
  expect(crc32c(bytes, 0, bytes.length)).toBe(crc);
  expect(bitwiseCrc32c(bytes)).toBe(crc);
});

test.each(readVectors().crc32c)('$name as in the vectors', ({ hex, crc }) => {
  const bytes = fromHex(hex);
  expect(crc32c(bytes, 0, bytes.length)).toBe(Number.parseInt(crc, 16));
});

test('many bytes at a time come to the same as one bit at a time, for any part of any bytes anywhere in memory', () => {
  const place = fc.nat({ max: 150 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 150 }), fc.nat({ max: 7 }), place, place, (memory, offset, a, b) => {
      const bytes = memory.subarray(offset);
      const [start, end] = [Math.min(a, b, bytes.length), Math.min(Math.max(a, b), bytes.length)] as const;
      expect(crc32c(bytes, start, end)).toBe(bitwiseCrc32c(bytes.subarray(start, end)));
    }),
  );
});
