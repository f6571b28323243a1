import { describe, expect, test } from 'vitest';
import { AllowList, type Network, parseNetwork } from '../../src/net/allow-list.ts';

test.each([
  ['192.0.2.0/24', { address: '192.0.2.0', bits: 24 }],
  ['192.0.2.7', { address: '192.0.2.7', bits: 32 }],
  ['0.0.0.0/0', { address: '0.0.0.0', bits: 0 }],
  ['2001:db8::/32', { address: '2001:db8::', bits: 32 }],
  ['::1', { address: '::1', bits: 128 }],
  ['10.0.0.0/33', undefined],
  ['::/129', undefined],
  ['foo', undefined],
  ['', undefined],
  ['10.0.0.0/', undefined],
  ['10.0.0.0/-1', undefined],
  ['10.0.0.0/8/8', undefined],
  ['10.0.0', undefined],
  ['fe80::1%eth0', undefined],
])('%j is read as %j', (text, network) => {
  expect(parseNetwork(text)).toEqual(network);
});

describe('of a list', () => {
  const networks = ['192.0.2.0/24', '10.1.2.3', '2001:db8::/32', 'fe80::/10'].map((text) => parseNetwork(text));
  const list = new AllowList(networks as Network[]);
  test.each([
    ['192.0.2.255', true],
    ['::ffff:192.0.2.1', true],
    ['192.0.3.0', false],
    ['10.1.2.3', true],
    ['10.1.2.4', false],
    ['::ffff:10.1.2.4', false],
    ['2001:db8:1::1', true],
    ['2001:db9::1', false],
    ['fe80::1%eth0', true],
    ['::1', false],
  ])('%s: %j', (address, isAllowed) => {
    expect(list.has(address)).toBe(isAllowed);
  });
});
