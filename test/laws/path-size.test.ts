import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Bytes, Millis } from '../../src/base/units.ts';
import { Channel } from '../../src/channel/channel.ts';
import { CONTROLLER_NAMES } from '../../src/congestion/registry.ts';
import { createSha256 } from '../../src/crypto/digest.ts';
import { probeSizes } from '../../src/session/probe-sizes.ts';
import { RECEIVER, SENDER, simulateTransfer } from '../../src/sim/simulate-transfer.ts';
import { memoryEntry } from '../../src/transfer/memory-source.ts';
import { ARQ_NAMES, record } from './choices.ts';
import { demandLaw } from './law.ts';
import { demand } from './side-invariants.ts';

/** The base of every search. */
const BASE: Bytes = 1200;
/** A probe of each size goes out so often at most where up to 30 % are lost. */
const TRIES = 10;
/** From the beginning of the session: so many round trips, and waits between two tries. */
const ROUND_TRIPS = 80;
const WAITS: Millis = 5000;

interface Journey {
  readonly seed: number;
  readonly limit: Bytes;
  readonly mtu: Bytes;
  readonly loss: number;
  readonly delay: Millis;
  readonly config: object;
  /** Another MTU from a moment on. */
  readonly later?: { readonly at: Millis; readonly mtu: Bytes } | undefined;
}

/**
 * Sends so many bytes, and gives up when `isEnough`, which hears of the size in use and of how long the session lasts.
 * Returns whether all arrived, the size in use at the end, and how often each size too large for the path was sent.
 */
function travel(
  { seed, limit, mtu, loss, delay, config, later }: Journey,
  bytes: Bytes,
  isEnough: (size: Bytes, age: Millis) => boolean = () => false,
) {
  const tooLarge = new Map<Bytes, number>();
  let most = mtu;
  let size = BASE;
  let startedAt: Millis | undefined;
  let isStopped = false;
  const spec = { loss, delay, rate: 12_500 };
  const both = { ...config, maxDatagram: limit, idleTimeout: 3_600_000, connectTimeout: 3_600_000 };
  const generate = (_: Bytes, length: Bytes): Uint8Array => new Uint8Array(length);
  const result = simulateTransfer({
    seed,
    entries: [memoryEntry('file', { size: bytes, generate }, createSha256)],
    createDigest: createSha256,
    sender: both,
    receiver: { ...both, sendLimit: BASE },
    forward: { ...spec, mtu },
    backward: spec,
    store: { keepBytes: false },
    watch: (simulation, sender) => {
      simulation.onDatagram = (event, from, _to, { length }) => {
        if (event !== 'sent') return;
        demand(length <= (from === SENDER ? limit : BASE), 'no datagram exceeds what its sender may send', length);
        if (length > most) tooLarge.set(length, (tooLarge.get(length) ?? 0) + 1);
        const { now } = simulation;
        if (sender.session === undefined) return;
        startedAt ??= now;
        size = sender.session.datagramSize;
        if (later !== undefined && most !== later.mtu && now >= later.at) {
          most = later.mtu;
          simulation.addLink(SENDER, RECEIVER, new Channel({ ...spec, mtu: most }, seed, 'later'));
        }
        if (isStopped || !isEnough(size, now - startedAt)) return;
        isStopped = true;
        sender.cancel(now, 'enough');
      };
    },
  });
  return { size, tooLarge, isComplete: result.end?.kind === 'complete' };
}

test('the largest size that fits is found within seconds at any loss up to 30 %, with few probes that are too large', () => {
  const cases = record({
    seed: fc.maxSafeNat(),
    limit: fc.constantFrom(1472, 8972, 65_507),
    mtu: fc.constantFrom(BASE, 1300, 1400, 1472, 9000, 65_507),
    loss: fc.constantFrom(0, 0.01, 0.1, 0.3),
    delay: fc.constantFrom(1, 25, 150),
    config: record({ congestion: fc.constantFrom('bbr', 'fixed') }),
  });
  let lossy = 0;
  let missed = 0;
  demandLaw(
    cases,
    (journey) => {
      const wanted = probeSizes(journey.limit).find((size) => size <= journey.mtu) ?? BASE;
      const { size, tooLarge } = travel(
        journey,
        1e9,
        (size, age) => size === wanted || age > ROUND_TRIPS * 2 * journey.delay + WAITS,
      );
      for (const [size, count] of tooLarge) demand(count <= TRIES, 'a size is tried a few times', size, count);
      demand(size <= wanted, 'no more than the path carries', size, wanted);
      if (journey.loss <= 0.01) demand(size === wanted, 'all that the path carries', size, wanted);
      if (journey.loss > 0.01) lossy++;
      if (size !== wanted) missed++;
    },
    0.1,
  );
  // Where many are lost, every probe of a size may be: rarely.
  expect(missed).toBeLessThanOrEqual(3 + 0.02 * lossy);
});

test('go-back-n whose copies queue waits for their ACKs before it goes back again', () => {
  const { isComplete } = travel(
    {
      seed: 7_749_319_901_629_751,
      limit: 65_507,
      mtu: 65_507,
      loss: 0.02,
      delay: 1,
      config: { arq: 'go-back-n', congestion: 'bbr', window: 1000 },
    },
    1_000_000,
    (_, age) => age > 5000,
  );
  expect(isComplete).toBe(true);
});

test('a path that shrinks in the middle of a transfer is survived, by every protocol', () => {
  const cases = record({
    seed: fc.maxSafeNat(),
    limit: fc.constantFrom(1472, 8972, 65_507),
    mtu: fc.constant(65_507),
    loss: fc.constantFrom(0, 0.02),
    delay: fc.constantFrom(1, 25),
    config: record({
      arq: fc.constantFrom(...ARQ_NAMES),
      congestion: fc.constantFrom(...CONTROLLER_NAMES),
      window: fc.constantFrom(1, 8, 64, 1000),
    }),
    later: record({ at: fc.integer({ min: 20, max: 300 }), mtu: fc.constantFrom(BASE, 1300, 1452) }),
  });
  const found = new Set<Bytes>();
  demandLaw(cases, (journey) => {
    const { size, isComplete } = travel(journey, 1_000_000);
    demand(isComplete, 'it arrives', isComplete);
    found.add(size);
  });
  expect(found).toContain(1252);
});
