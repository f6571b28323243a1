import { expect, test } from 'vitest';
import { type HandshakeRate, HandshakeRates } from '../../src/session/handshake-rates.ts';
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

/** Handshake rates that are under load: as many sessions have begun as may without anyone's own rate. */
function underLoad(rate: HandshakeRate): HandshakeRates {
  const rates = new HandshakeRates(rate);
  for (let i = 0; i < 256; i++) expect(rates.mayBegin(0, `192.0.2.1:${i}`)).toBe(true);
  return rates;
}

test('under load one network begins a burst of sessions and then some a second, whatever its ports; others are not held up', () => {
  const rates = underLoad({ perSecond: 2, burst: 3 });
  const begun = (now: number, from: (i: number) => string): number =>
    Array.from({ length: 50 }, (_, i) => rates.mayBegin(now, from(i))).filter(Boolean).length;
  expect(begun(0, (i) => `10.0.0.1:${i}`)).toBe(3);
  expect(begun(0, (i) => `2001:db8::${i}:5000`)).toBe(3);
  expect(begun(0, () => '10.0.0.2:1')).toBe(3);
  for (let i = 0; i < 200; i++) rates.mayBegin(1000, `192.0.2.1:${i}`); // what may begin in that second anyway
  expect(begun(1000, (i) => `10.0.0.1:${i}`)).toBe(2);
});

test('a thousand that come at once from one address begin within seconds', () => {
  const rates = new HandshakeRates({ perSecond: 20, burst: 16 });
  let begun = 0;
  let now = 0;
  for (; begun < 1000; now += 10) for (let i = begun; i < 1000; i++) if (rates.mayBegin(now, `10.0.0.1:${i}`)) begun++;
  expect(now).toBeLessThanOrEqual(4000);
});

test('a host that begins as fast as it can leaves the others their own rate', () => {
  const rates = new HandshakeRates({ perSecond: 20, burst: 16 });
  let hog = 0;
  let others = 0;
  for (let now = 0; now < 10_000; now++) {
    for (let i = 0; i < 10; i++) if (rates.mayBegin(now, '10.0.0.1:1')) hog++;
    if (now % 100 === 0 && rates.mayBegin(now, '10.0.0.2:1')) others++;
  }
  expect(others).toBe(100);
  expect(hog).toBeLessThan(10 * (200 + 20) + 256 + 16 + 1);
});

test('a hundred thousand networks, each at its limit, are not all remembered, and the newest are', () => {
  const rates = underLoad({ perSecond: 1, burst: 1 });
  const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:1`;
  for (let i = 0; i < 100_000; i++) expect(rates.mayBegin(0, address(i))).toBe(true);
  expect(rates.mayBegin(0, address(99_000))).toBe(false);
  expect(rates.mayBegin(0, address(0))).toBe(true); // forgotten
});

/** How many HELLOs a second of these hosts, each as often as the others, are looked at beside an honest one now and then. */
function besideSessions(hosts: number, perSecond: number): { flood: number; honest: number } {
  const rates = new HandshakeRates({ perSecond: 1, burst: 1 });
  const seconds = 10;
  let flood = 0;
  let honest = 0;
  for (let i = 0; i < seconds * perSecond; i++) {
    const now = (1000 * i) / perSecond;
    const host = i % hosts;
    if (rates.mayLook(now, `10.${host >> 16}.${(host >> 8) & 255}.${host & 255}:1`)) flood++;
    if (i % Math.floor(perSecond / 2) === 7 && rates.mayLook(now, '192.0.2.7:5000')) honest++;
  }
  return { flood: flood / seconds, honest: honest / (2 * seconds) };
}

test('HELLOs beside sessions: two thousand a second are looked at, however many come', () => {
  for (const hosts of [1, 1000, 100_000]) {
    const { flood } = besideSessions(hosts, 100_000);
    expect(flood).toBeGreaterThan(1000);
    expect(flood).toBeLessThan(2500);
  }
});

test.each([1, 30, 500])('a flood of %d hosts sheds its own HELLOs, and not those of others', (hosts) => {
  expect(besideSessions(hosts, 50_000).honest).toBe(1);
});
