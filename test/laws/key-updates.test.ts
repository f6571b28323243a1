import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSha256 } from '../../src/crypto/digest.ts';
import { NoiseAcceptor } from '../../src/crypto/noise-acceptor.ts';
import { NoiseInitiator } from '../../src/crypto/noise-initiator.ts';
import { simulateTransfer } from '../../src/sim/simulate-transfer.ts';
import { memoryEntry } from '../../src/transfer/memory-source.ts';
import { Sealed, watchAcceptor, watchInitiator } from '../session/watched-agreement.ts';
import { ARQ_NAMES, record } from './choices.ts';
import { demandLaw } from './law.ts';

// No packet is more than one phase late: each lasts a round trip at least.
const limits = { updateAfter: 100 };
const impairments = { loss: 0.3, reorder: { probability: 0.3, gap: 15 }, delay: 10 } as const;

const cases = record({
  seed: fc.maxSafeNat(),
  arq: fc.constantFrom(...ARQ_NAMES),
  window: fc.integer({ min: 1, max: 64 }),
  size: fc.integer({ min: 0, max: 200_000 }),
});

test('files arrive through loss and reordering while keys change every 100 packets', () => {
  let updates = 0;
  demandLaw(
    cases,
    ({ seed, arq, window, size }) => {
      const sealed = { initiator: new Sealed(), acceptor: new Sealed() };
      const content = new Uint8Array(size).fill(seed);
      const config = {
        arq,
        window: arq === 'stop-and-wait' ? 1 : window,
        idleTimeout: 3_600_000,
        connectTimeout: 600_000,
      };
      const { end, store, senderStats, receiverStats } = simulateTransfer({
        seed,
        createDigest: createSha256,
        entries: [memoryEntry('file', content, createSha256)],
        sender: config,
        receiver: config,
        forward: impairments,
        backward: impairments,
        agreements: {
          initiator: watchInitiator(new NoiseInitiator({ limits }), sealed.initiator),
          acceptor: watchAcceptor(new NoiseAcceptor({ limits }), sealed.acceptor),
        },
      });
      expect(end?.kind).toBe('complete');
      expect([...store.published.values()].map(({ bytes }) => bytes)).toEqual([content]);
      expect([senderStats?.damaged, receiverStats?.damaged]).toEqual([0, 0]);
      updates += sealed.initiator.updates + sealed.acceptor.updates;
    },
    0.1,
  );
  expect(updates).toBeGreaterThan(0);
});
