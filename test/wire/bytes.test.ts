import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  copyBytes,
  isAllZero,
  readUint16,
  readUint32,
  readUint48,
  readUint64,
  writeUint16,
  writeUint32,
  writeUint48,
  writeUint64,
} from '../../src/wire/bytes.ts';

const WIDTHS = [
  { width: 2, read: readUint16, write: writeUint16 },
  { width: 4, read: readUint32, write: writeUint32 },
  { width: 6, read: readUint48, write: writeUint48 },
  { width: 8, read: readUint64, write: writeUint64 },
];

test.each(WIDTHS)('integers of $width bytes are written and read as BigInt has them', ({ width, read, write }) => {
  const max = Math.min(2 ** (8 * width) - 1, Number.MAX_SAFE_INTEGER);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.maxSafeNat().map((n) => n % (max + 1)),
        fc.constantFrom(0, 1, max),
      ),
      (value) => {
        const out = new Uint8Array(12).fill(0xaa);
        write(out, 2, value);
        const hex = BigInt(value)
          .toString(16)
          .padStart(2 * width, '0');
        expect(Buffer.from(out).toString('hex')).toBe(`aaaa${hex}${'aa'.repeat(10 - width)}`);
        expect(read(out, 2)).toBe(value);
      },
    ),
  );
});

test('every 64-bit value above 2^53 - 1 is read as one above it, never as a smaller one', () => {
  const above = fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n });
  fc.assert(
    fc.property(fc.oneof(above, fc.constantFrom(2n ** 53n, 2n ** 64n - 1n)), (value) => {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, value);
      expect(readUint64(bytes, 0)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
    }),
  );
});

test('a copy of a Buffer does not change with it', () => {
  const buffer = Buffer.from([1, 2, 3, 4]);
  const copy = copyBytes(buffer, 1, 3);
  buffer.fill(9);
  expect(copy).toEqual(Uint8Array.from([2, 3]));
});

test('all zero looks at its own bytes only', () => {
  const bytes = Uint8Array.from([1, 0, 0, 1]);
  expect([isAllZero(bytes, 1, 3), isAllZero(bytes, 0, 3), isAllZero(bytes, 1, 4), isAllZero(bytes, 2, 2)]).toEqual([
    true,
    false,
    false,
    true,
  ]);
});
