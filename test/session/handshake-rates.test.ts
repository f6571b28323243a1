import { expect, test } from 'vitest';
import { HandshakeRates } from '../../src/session/handshake-rates.ts';
import { networkOf } from '../../src/session/network.ts';

test.each([
  ['192.0.2.7:5000', '192.0.2.7'],
  ['::ffff:192.0.2.7:5000', '::ffff:192.0.2.7'],
  ['2001:db8::7:5000', '2001:db8:0:0'],
  ['2001:db8::ffff:0:0:7:5000', '2001:db8:0:0'],
  ['2001:db8:1:2:3:4:5:6:5000', '2001:db8:1:2'],
  ['::1:5000', '0:0:0:0'],
  ['fe80::1%eth0:5000', 'fe80:0:0:0'],
  ['a:9', 'a'],
])('%s belongs to %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test('one network begins a burst of sessions and then some a second, whatever its ports; others are not held up', () => {
  const rates = new HandshakeRates({ perSecond: 2, burst: 3 });
  const begun = (now: number, from: (i: number) => string): number =>
    Array.from({ length: 50 }, (_, i) => rates.mayBegin(now, from(i))).filter(Boolean).length;
  expect(begun(0, (i) => `10.0.0.1:${i}`)).toBe(3);
  expect(begun(0, (i) => `2001:db8::${i}:5000`)).toBe(3);
  expect(begun(0, () => '10.0.0.2:1')).toBe(3);
  expect(begun(1000, (i) => `10.0.0.1:${i}`)).toBe(2);
});

test('a hundred thousand networks, each at its limit, are not all remembered, and the newest are', () => {
  const rates = new HandshakeRates({ perSecond: 1, burst: 1 });
  const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:1`;
  for (let i = 0; i < 100_000; i++) expect(rates.mayBegin(0, address(i))).toBe(true);
  expect(rates.mayBegin(0, address(99_000))).toBe(false);
  expect(rates.mayBegin(0, address(0))).toBe(true); // forgotten
});

test('HELLOs beside sessions: a few thousand a second are looked at, however many come', () => {
  const rates = new HandshakeRates({ perSecond: 1, burst: 1 });
  let looked = 0;
  for (let now = 0; now < 1000; now += 0.01) if (rates.mayLook(now)) looked++;
  expect(looked).toBeGreaterThan(1000);
  expect(looked).toBeLessThan(5000);
});
