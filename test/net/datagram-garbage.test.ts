import { expect, test } from 'vitest';
import { DatagramGarbage } from '../../src/net/datagram-garbage.ts';

const MIB = 1024 * 1024;

test('large datagrams are collected every few megabytes, small ones are left to V8', () => {
  let collections = 0;
  const garbage = new DatagramGarbage(() => collections++);
  for (let bytes = 0; bytes < 100 * MIB; bytes += 1472) garbage.onReceived(1472);
  expect(collections).toBe(0);
  for (let bytes = 0; bytes < 100 * MIB; bytes += 65_000) garbage.onReceived(65_000);
  expect(collections).toBeGreaterThanOrEqual(5);
  expect(collections).toBeLessThanOrEqual(25);
});

test('where V8 gives no way to collect, nothing happens', () => {
  const garbage = new DatagramGarbage();
  for (let bytes = 0; bytes < 20 * MIB; bytes += 65_000) expect(() => garbage.onReceived(65_000)).not.toThrow();
});
