import { expect, test } from 'vitest';
import { LossEpisode } from '../../src/recovery/loss-episode.ts';

const packets = (...numbers: readonly number[]): { number: number; sentAt: number }[] =>
  numbers.map((number) => ({ number, sentAt: number }));

test('begins with a loss, and again with the loss of a packet sent after it began', () => {
  const episode = new LossEpisode();
  expect(episode.onLost(100, packets(1))).toBe(true);
  expect(episode.onLost(110, packets(2, 99, 100))).toBe(false);
  expect(episode.onLost(200, packets(101))).toBe(true);
});

test('is taken back with the last of its losses, not before', () => {
  const episode = new LossEpisode();
  episode.onLost(100, packets(1, 2));
  episode.onLost(110, packets(3));
  expect([1, 3, 2].map((number) => episode.takeBack(number))).toEqual([false, false, true]);
});

test('is not taken back by losses of an episode before', () => {
  const episode = new LossEpisode();
  episode.onLost(100, packets(1));
  episode.onLost(200, packets(150));
  expect(episode.takeBack(1)).toBe(false);
  expect(episode.takeBack(150)).toBe(true);
});

test('once taken back, a loss sent meanwhile begins another', () => {
  const episode = new LossEpisode();
  episode.onLost(100, packets(1));
  episode.takeBack(1);
  expect(episode.onLost(120, packets(50))).toBe(true);
});

test('is over for good when the path was given up', () => {
  const episode = new LossEpisode();
  episode.onLost(100, packets(1));
  episode.end();
  expect(episode.takeBack(1)).toBe(false);
});
