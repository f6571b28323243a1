import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addressKey,
  formatAddress,
  formatAddressKey,
  isOfOneHost,
  lacksZone,
  parseAddressKey,
} from '../../src/net/address.ts';

describe('formatAddress()', () => {
  test.each([
    ['127.0.0.1', 9000, '127.0.0.1:9000'],
    ['::1', 9000, '[::1]:9000'],
    ['fe80::1%eth0', 1, '[fe80::1%eth0]:1'],
    // A socket for both families sees IPv4 peers under this prefix.
    ['::ffff:192.0.2.7', 80, '192.0.2.7:80'],
    ['::ffff:c000:207', 80, '[::ffff:c000:207]:80'],
    ['host.example', 9000, 'host.example:9000'],
  ])('%s, port %d', (address, port, text) => {
    expect(formatAddress({ address, port })).toBe(text);
    expect(formatAddressKey(addressKey(address, port))).toBe(text);
  });
});

test('parseAddressKey() undoes addressKey() for every address, however many colons it has', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(65_535), (address, port) => {
      expect(parseAddressKey(addressKey(address, port))).toEqual({ address, port });
    }),
  );
});

test('addressKey() tells any two addresses and any two ports apart', () => {
  fc.assert(
    fc.property(fc.ipV6(), fc.ipV6(), fc.nat(65_535), fc.nat(65_535), (a, b, p, q) => {
      expect(addressKey(a, p) === addressKey(b, q)).toBe(a === b && p === q);
    }),
  );
});

test.each([
  ['192.0.2.7', true],
  ['240.0.0.1', true],
  ['0.0.0.0', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['::ffff:224.0.0.1', false],
  ['2001:db8::7', true],
  ['fe80::1%eth0', true],
  ['::', false],
  ['ff02::1%eth0', false],
])('isOfOneHost(%s) is %s', (address, expected) => {
  expect(isOfOneHost(address)).toBe(expected);
});

test.each([
  ['fe80::1', true],
  ['febf::1', true],
  ['fe80::1%eth0', false],
  ['fec0::1', false],
  ['::1', false],
  ['127.0.0.1', false],
])('lacksZone(%s) is %s', (address, expected) => {
  expect(lacksZone(address)).toBe(expected);
});
