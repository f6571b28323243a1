import { expect, test } from 'vitest';
import { simulatedCookies } from '../../src/sim/simulated-cookies.ts';

const ID = { hi: 1, lo: 2 };
const HOST = '10.0.0.1:5000';

test.each([
  { name: 'at once', now: 100_500, isValid: true },
  { name: 'after 30 s', now: 130_000, isValid: true },
  { name: 'after 31 s', now: 131_000, isValid: false },
  { name: 'before it was baked', now: 99_000, isValid: false },
  { name: 'from another port', now: 100_500, address: '10.0.0.1:5001', isValid: false },
  { name: 'from another host', now: 100_500, address: '10.0.0.2:5000', isValid: false },
  { name: 'for another attempt', now: 100_500, id: { hi: 1, lo: 3 }, isValid: false },
])('a cookie baked at 100.5 s, shown $name: $isValid', ({ now, address = HOST, id = ID, isValid }) => {
  const cookie = simulatedCookies.bake(100_500, HOST, ID);
  expect(simulatedCookies.isValid(now, address, id, cookie)).toBe(isValid);
});

test('is 24 bytes, never all zero, and no zero bytes are a cookie', () => {
  const cookie = simulatedCookies.bake(0, '', { hi: 0, lo: 0 });
  expect(cookie).toHaveLength(24);
  expect(cookie.some((byte) => byte !== 0)).toBe(true);
  expect(simulatedCookies.isValid(0, '', { hi: 0, lo: 0 }, new Uint8Array(24))).toBe(false);
});
