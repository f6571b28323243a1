import { expect, test } from 'vitest';
import { SeededPrng } from '../../src/base/prng.ts';
import { createSha256 } from '../../src/crypto/digest.ts';
import { sessionConfig } from '../../src/session/config.ts';
import { plainAcceptor, plainInitiator } from '../../src/session/plain-agreement.ts';
import { simulatedCookies } from '../../src/sim/simulated-cookies.ts';
import { MemoryStore } from '../../src/transfer/memory-store.ts';
import type { OutgoingEntry, Store } from '../../src/transfer/ports.ts';
import { Receiver } from '../../src/transfer/receiver.ts';
import { Sender } from '../../src/transfer/sender.ts';
import { Network } from '../session/network.ts';
import { FILE, fileEntry } from './resume-phrases.ts';

const RECEIVER = '10.0.0.1:9000';
const MINUTE = 60_000;

/** A receiver that accepts everything and takes only so many bytes of it, and what becomes of the sender. */
function scene(entry: OutgoingEntry, options: { idleTimeout?: number; takes?: number } = {}) {
  const { idleTimeout = 30_000, takes = 0 } = options;
  const network = new Network();
  network.delay = 5;
  const memory = new MemoryStore(createSha256);
  const store: Store = {
    open: (offer, wake) => {
      const sink = memory.open(offer, wake);
      const real = sink.taken.bind(sink);
      return Object.assign(sink, { taken: () => Math.min(takes, real()) });
    },
  };
  const config = sessionConfig({
    idleTimeout,
    congestion: 'fixed',
    window: 64,
    creditWindow: 50_000,
    maxCreditWindow: 50_000,
  });
  const receiver = new Receiver(
    store,
    config,
    new SeededPrng(1, 'receiver'),
    simulatedCookies,
    plainAcceptor,
    () => {},
  );
  network.join(RECEIVER, receiver.endpoint, () => receiver.step(network.now));
  const sender = new Sender(
    network.now,
    [entry],
    config,
    new SeededPrng(2, 'sender'),
    RECEIVER,
    plainInitiator,
    () => {},
  );
  network.join('10.0.1.1:5000', sender.endpoint, () => sender.step(network.now));
  return { network, sender, receiver };
}

test.each([
  [30_000, 10 * MINUTE],
  [400_000, (40 * MINUTE) / 3],
])(
  'a receiver that talks and takes nothing is left, with an idle timeout of %d ms after %d',
  (idleTimeout, patience) => {
    const { network, sender, receiver } = scene(fileEntry(), { idleTimeout });
    network.runUntil(() => sender.session?.isHeldUp === true, MINUTE);
    expect(sender.session?.isHeldUp).toBe(true);
    network.run(patience - 1000);
    expect(sender.end).toBeUndefined();
    network.run(MINUTE);
    expect(sender.end).toMatchObject({ kind: 'no-progress', outcomes: [undefined] });
    expect(receiver.incoming).toEqual([]);
  },
);

test('a receiver that has all of it may take its time', () => {
  const { network, sender } = scene(fileEntry(), { takes: FILE.length });
  network.runUntil(() => sender.end !== undefined, MINUTE);
  expect(sender.end?.kind).toBe('complete');
});

test('a receiver that hears nothing any more has fallen silent, which is not final, whenever the way to it was cut', () => {
  let cuts = 0;
  for (let after = 0; after < 60; after += 2) {
    const { network, sender } = scene(fileEntry());
    network.runUntil(() => (sender.session?.packetsInFlight ?? 0) > 0, MINUTE);
    network.run(after);
    if (sender.session?.packetsInFlight === 0) continue;
    cuts++;
    network.loses = ({ from }) => from !== RECEIVER;
    network.runUntil(() => sender.end !== undefined, 10 * MINUTE);
    expect({ after, kind: sender.end?.kind }).toEqual({ after, kind: 'silence' });
  }
  expect(cuts).toBeGreaterThan(5);
});

test('a stream may rest: whoever reads it may be a person', () => {
  const entry = fileEntry();
  const { network, sender } = scene({ ...entry, offer: { ...entry.offer, size: undefined } });
  network.runUntil(() => sender.session?.isHeldUp === true, MINUTE);
  expect(sender.session?.isHeldUp).toBe(true);
  network.run(20 * MINUTE);
  expect(sender.end).toBeUndefined();
});
