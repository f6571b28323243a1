import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { checkMtu, interfaceMtu, payloadOf } from '../../src/net/interface-mtu.ts';

describe('payloadOf()', () => {
  test.each([
    [1500, '192.0.2.1', 1472],
    [1500, '2001:db8::1', 1452],
    [1500, '::ffff:192.0.2.1', 1472], // IPv4 on the wire
    [9000, '192.0.2.1', 8972],
    [1280, 'fe80::1%eth0', 1232],
    [65_536, '127.0.0.1', 65_507],
    [65_536, '::1', 65_488],
    [576, '192.0.2.1', 1200], // the base goes out whatever an interface says
  ])('of an MTU of %d at %s is %d', (mtu, address, payload) => expect(payloadOf(mtu, address)).toBe(payload));
});

describe('checkMtu()', () => {
  test.each([
    [undefined, '::1'],
    [1228, '192.0.2.1'],
    [1248, '::1'],
    [65_535, '192.0.2.1'],
  ])('takes %s at %s', (mtu, address) => expect(() => checkMtu(mtu, address)).not.toThrow());

  test.each([
    [1227, '192.0.2.1', '1228..65535'],
    [1247, '2001:db8::1', '1248..65535'],
    [65_536, '192.0.2.1', '1228..65535'],
    [1500.5, '192.0.2.1', '1228..65535'],
    [Number.NaN, '192.0.2.1', '1228..65535'],
  ])('refuses %s at %s and says what it takes', (mtu, address, range) => {
    expect(() => checkMtu(mtu, address)).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE', message: expect.stringContaining(range) }),
    );
  });
});

describe('interfaceMtu()', () => {
  test('of an address that is not of this machine is Ethernet’s', () => {
    expect(interfaceMtu('192.0.2.254')).toBe(1500);
  });

  test('of the loopback is far larger, also seen through a dual-stack socket', () => {
    expect(interfaceMtu('127.0.0.1')).toBeGreaterThanOrEqual(9000);
    expect(interfaceMtu('::ffff:127.0.0.1')).toBe(interfaceMtu('127.0.0.1'));
  });

  test('is known for every address of this machine', () => {
    const addresses = Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address));
    for (const address of addresses) expect(interfaceMtu(`${address}%zone`)).toBeGreaterThanOrEqual(68);
  });
});
