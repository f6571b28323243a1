import { expect, test } from 'vitest';
import { LandingPlace } from '../../src/net/landing-place.ts';

test('a datagram is handed on with its own bytes, whatever came before it', () => {
  const landing = new LandingPlace();
  const lengths = [1472, 1472, 20, 1472, 1, 0, 9000, 8192, 8193, 60_000, 1472];
  const received = lengths.map((length, fill) => Buffer.from(landing.take(Buffer.alloc(length, fill))));
  const isWhole = received.map((bytes, fill) => bytes.equals(Buffer.alloc(lengths[fill] ?? 0, fill)));
  expect(isWhole).toEqual(lengths.map(() => true));
});

test('small datagrams of one length come in the same object, large ones are not copied', () => {
  const landing = new LandingPlace();
  const first = landing.take(Buffer.alloc(1472, 1));
  expect(landing.take(Buffer.alloc(1472, 2))).toBe(first);
  const large = Buffer.alloc(60_000);
  expect(landing.take(large)).toBe(large);
});
