import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HmacCookies } from '../../src/crypto/hmac-cookies.ts';
import { COOKIE } from '../../src/wire/hello.ts';

const ID = { hi: 1, lo: 2 };
const ADDRESS = '192.0.2.7:9000';
const START = 1_000_000;

/** A cookie baked at START, and a question about it later. */
function baked(at = START) {
  const jar = new HmacCookies();
  const cookie = jar.bake(at, ADDRESS, ID);
  return { jar, cookie, isValidAt: (now: number) => jar.isValid(now, ADDRESS, ID, cookie) };
}

describe('HmacCookies', () => {
  test('a cookie has the length of the wire and is never all zero', () => {
    const { cookie } = baked(0);
    expect(cookie).toHaveLength(COOKIE);
    expect(cookie.some((byte) => byte !== 0)).toBe(true);
  });

  test.each([
    ['at once', 0, true],
    ['after 29 s', 29_000, true],
    ['after 31 s', 31_000, false],
    ['from the future', -2000, false],
    ['after an hour', 3_600_000, false],
  ])('%s', (_, later, valid) => {
    expect(baked().isValidAt(START + later)).toBe(valid);
  });

  test.each([1, 29_000])('the change of keys does not cost a cookie baked %d ms before its end', (age) => {
    const jar = new HmacCookies();
    jar.bake(START, ADDRESS, ID); // the first use starts the key's 120 s
    const cookie = jar.bake(START + 119_999, ADDRESS, ID);
    expect(jar.isValid(START + 119_999 + age, ADDRESS, ID, cookie)).toBe(true);
  });

  test('a key that was replaced twice is forgotten', () => {
    const { jar, cookie } = baked();
    jar.bake(START + 120_000, ADDRESS, ID);
    jar.bake(START + 240_000, ADDRESS, ID);
    expect(jar.isValid(START, ADDRESS, ID, cookie)).toBe(false);
  });

  test.each([
    ['another address', '192.0.2.8:9000', ID],
    ['another port', '192.0.2.7:9001', ID],
    ['another attempt', ADDRESS, { hi: 1, lo: 3 }],
  ])('is not valid for %s', (_, address, id) => {
    const { jar, cookie } = baked();
    expect(jar.isValid(START, address, id, cookie)).toBe(false);
  });

  test('another process cannot bake it', () => {
    const { cookie } = baked();
    expect(new HmacCookies().isValid(START, ADDRESS, ID, cookie)).toBe(false);
  });

  test('no other bytes are valid: not one bit of it may change', () => {
    const { jar, cookie } = baked();
    fc.assert(
      fc.property(fc.nat(COOKIE * 8 - 1), (bit) => {
        const changed = cookie.slice();
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(jar.isValid(START, ADDRESS, ID, changed)).toBe(false);
      }),
    );
  });

  test('any 24 bytes at all get an answer', () => {
    const jar = new HmacCookies();
    const cookies = fc.uint8Array({ minLength: COOKIE, maxLength: COOKIE });
    fc.assert(
      fc.property(cookies, fc.nat(), (cookie, now) => {
        expect(jar.isValid(START + now, ADDRESS, ID, cookie)).toBe(false);
      }),
    );
  });

  test('reads a cookie where it lies in a larger buffer', () => {
    const { jar, cookie } = baked();
    const datagram = new Uint8Array(100);
    datagram.set(cookie, 34);
    expect(jar.isValid(START, ADDRESS, ID, datagram.subarray(34, 34 + COOKIE))).toBe(true);
  });
});
