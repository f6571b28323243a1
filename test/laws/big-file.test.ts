import { expect, test } from 'vitest';
import { SeededPrng } from '../../src/base/prng.ts';
import type { Bytes } from '../../src/base/units.ts';
import { createSha256 } from '../../src/crypto/digest.ts';
import { simulateTransfer } from '../../src/sim/simulate-transfer.ts';
import { type GeneratedContent, memoryEntry } from '../../src/transfer/memory-source.ts';

/** Bytes to send; UDPCP_BIG=1e9 makes it a gigabyte. */
const { UDPCP_BIG = '64e6' } = process.env;
const SIZE: Bytes = Number(UDPCP_BIG);
/** 100 Mbit/s and 200 ms there and back. */
const LINK = { rate: 12_500, delay: 100 };
/** A prime, so that no page or datagram boundary falls on the pattern's. */
const PERIOD = 999_983;

/** Random bytes that repeat after PERIOD, given without a copy of the whole. */
function contentOf(size: Bytes): GeneratedContent {
  const prng = new SeededPrng(1, 'content');
  const pattern = Uint8Array.from({ length: 2 * PERIOD }, () => prng.nextUint32());
  pattern.copyWithin(PERIOD, 0, PERIOD);
  return { size, generate: (offset, length) => pattern.slice(offset % PERIOD, (offset % PERIOD) + length) };
}

function digestOf({ size, generate }: GeneratedContent): Uint8Array {
  const digest = createSha256();
  const step = 65_536;
  for (let offset = 0; offset < size; offset += step) digest.update(generate(offset, Math.min(step, size - offset)));
  return digest.digest();
}

test(`${SIZE / 1e6} MB go through a long fat pipe, and memory stays small`, () => {
  const content = contentOf(SIZE);
  const before = process.cpuUsage();
  const memory = process.memoryUsage().rss;
  const { end, store, time, goodput, forward, backward } = simulateTransfer({
    seed: 1,
    createDigest: createSha256,
    entries: [memoryEntry('big', content, createSha256)],
    store: { keepBytes: false },
    forward: LINK,
    backward: LINK,
  });
  const { user, system } = process.cpuUsage(before);
  const grown = process.memoryUsage().rss - memory;
  const seconds = (user + system) / 1e6;
  const datagrams = forward.datagramsIn + backward.datagramsIn;
  console.log(
    `${datagrams} datagrams in ${seconds.toFixed(1)} s of CPU: ${Math.round(datagrams / seconds)} a second;`,
    `${(time / 1000).toFixed(1)} s of virtual time, ${((goodput * 8) / 1000).toFixed(1)} Mbit/s,`,
    `${Math.round(grown / 1e6)} MB more memory`,
  );
  expect(end?.kind).toBe('complete');
  expect(store.published.get('big')).toEqual({ size: SIZE, digest: digestOf(content), bytes: undefined });
  expect(goodput).toBeGreaterThan(0.5 * LINK.rate);
  expect(grown).toBeLessThan(300e6);
});
