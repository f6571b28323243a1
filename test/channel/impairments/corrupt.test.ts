import { describe, expect, test } from 'vitest';
import { Channel } from '../../../src/channel/channel.ts';
import { binomialBound, judgeAll, run, steady } from '../run.ts';

const COUNT = 20_000;

/** The number of bits in which two arrays of one length differ. */
function differingBits(one: Uint8Array, other: Uint8Array): number {
  let bits = 0;
  for (const [at, byte] of one.entries()) {
    for (let rest = byte ^ (other[at] ?? 0); rest > 0; rest &= rest - 1) bits += 1;
  }
  return bits;
}

/** How many bits were flipped in each of `count` datagrams of this size when all are corrupted. */
function flippedBits(count: number, size: number): number[] {
  const pushes = steady(count, 1, size);
  return run(new Channel<number>({ corrupt: 1 }, 13, 'out'), pushes).map(({ index, bytes }) => {
    const original = pushes[index]?.bytes ?? new Uint8Array();
    expect(bytes.length).toBe(original.length);
    return differingBits(bytes, original);
  });
}

describe('corrupt', () => {
  test.each([0.01, 0.3, 0.9])('damages about %d of all datagrams', (corrupt) => {
    const channel = new Channel<number>({ corrupt }, 13, 'out');
    run(channel, steady(COUNT, 1));
    expect(Math.abs(channel.stats.corrupted - COUNT * corrupt)).toBeLessThan(binomialBound(COUNT, corrupt));
  });

  test.each([1, 2, 40, 1400])('flips 1 to 8 bits of %d bytes, each number about as often', (size) => {
    const flipped = flippedBits(4000, size);
    for (let bits = 1; bits <= 8; bits++) {
      const times = flipped.filter((count) => count === bits).length;
      expect(Math.abs(times - 500)).toBeLessThan(binomialBound(4000, 1 / 8));
    }
    expect(flipped.every((count) => count >= 1 && count <= 8)).toBe(true);
  });

  test('reaches every bit about as often', () => {
    const flips = judgeAll({ corrupt: 1 }, 13, steady(COUNT, 1, 4)).flatMap(({ copies }) => copies[0]?.flips ?? []);
    for (let bit = 0; bit < 32; bit++) {
      const times = flips.filter((flip) => flip === bit).length;
      expect(Math.abs(times - flips.length / 32)).toBeLessThan(binomialBound(flips.length, 1 / 32));
    }
  });

  test('leaves an empty datagram alone', () => {
    const channel = new Channel({ corrupt: 1 }, 13, 'out');
    channel.push(0, new Uint8Array(0));
    expect(channel.pull(0)?.bytes).toEqual(new Uint8Array(0));
    expect(channel.stats.corrupted).toBe(0);
  });
});
