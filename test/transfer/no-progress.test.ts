import { expect, test } from 'vitest';
import { SeededPrng } from '../../src/base/prng.ts';
import { createSha256 } from '../../src/crypto/digest.ts';
import { sessionConfig } from '../../src/session/config.ts';
import { plainAcceptor, plainInitiator } from '../../src/session/plain-agreement.ts';
import { simulatedCookies } from '../../src/sim/simulated-cookies.ts';
import { MemoryStore } from '../../src/transfer/memory-store.ts';
import type { OutgoingEntry, Sink, Store } from '../../src/transfer/ports.ts';
import { Receiver } from '../../src/transfer/receiver.ts';
import { Sender } from '../../src/transfer/sender.ts';
import { Network } from '../session/network.ts';
import { codecPacket } from '../wire/codec.ts';
import { FILE, fileEntry, storeWith } from './resume-phrases.ts';

const SENDER = '10.0.1.1:5000';
const RECEIVER = '10.0.0.1:9000';
const MINUTE = 60_000;

interface SceneOptions {
  readonly idleTimeout?: number;
  readonly memory?: MemoryStore;
  /** What the receiver's sinks do otherwise than they should. */
  readonly flaw: (sink: Sink, network: Network, wake: () => void) => Partial<Sink>;
}

/** A receiver that accepts everything and behaves otherwise afterwards, and what becomes of the sender. */
function scene(entries: OutgoingEntry[], options: Partial<SceneOptions> = {}) {
  const { idleTimeout = 30_000, memory = new MemoryStore(createSha256), flaw = () => ({}) } = options;
  const network = new Network();
  network.delay = 5;
  const store: Store = {
    open: (offer, wake) => {
      const sink = memory.open(offer, wake);
      return Object.assign(sink, flaw(sink, network, wake));
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
    entries,
    config,
    new SeededPrng(2, 'sender'),
    RECEIVER,
    plainInitiator,
    () => {},
  );
  network.join(SENDER, sender.endpoint, () => sender.step(network.now));
  return { network, sender, receiver };
}

/** A sink that takes only so many bytes. */
const takes = (bytes: number) => (sink: Sink) => {
  const real = sink.taken.bind(sink);
  return { taken: () => Math.min(bytes, real()) };
};

test.each([
  [30_000, 10 * MINUTE],
  [400_000, 20 * MINUTE],
])(
  'a receiver that talks and takes nothing is left, with an idle timeout of %d ms after %d',
  (idleTimeout, patience) => {
    const { network, sender, receiver } = scene([fileEntry()], { idleTimeout, flaw: takes(0) });
    network.runUntil(() => sender.session?.isHeldUp === true, MINUTE);
    expect(sender.session?.isHeldUp).toBe(true);
    network.run(patience - 1000);
    expect(sender.end).toBeUndefined();
    network.run(MINUTE);
    expect(sender.end).toMatchObject({ kind: 'no-progress', outcomes: [undefined] });
    expect(receiver.incoming).toEqual([]);
  },
);

test.each<[string, SceneOptions['flaw'], MemoryStore?]>([
  ['gives no verdict', () => ({ verdict: () => undefined })],
  ['does not answer digests', () => ({ differing: () => undefined }), storeWith(2)],
  ['gives no receipt', () => ({ receipt: () => undefined })],
])('a receiver that has all that was sent and %s is left after ten minutes', (_, flaw, memory) => {
  const { network, sender, receiver } = scene([fileEntry()], { flaw, ...(memory && { memory }) });
  network.runUntil(() => sender.session?.unacknowledged === 0 && sender.transfer?.isWaiting === true, MINUTE);
  network.run(10 * MINUTE - 1000);
  expect(sender.end).toBeUndefined();
  network.run(MINUTE);
  expect(sender.end).toMatchObject({ kind: 'no-progress', outcomes: [undefined] });
  expect(receiver.incoming).toEqual([]);
});

test('a receiver whose disk takes nine minutes for each file is borne', () => {
  const names = ['0', '1', '2'];
  const slow = (sink: Sink, network: Network, wake: () => void): Partial<Sink> => {
    const real = sink.receipt.bind(sink);
    const at = 9 * MINUTE * ++count;
    const receipt = (): ReturnType<Sink['receipt']> => {
      if (network.now >= at) return real();
      wake(); // it is looked at again with the next datagram
      return undefined;
    };
    return { receipt };
  };
  let count = 0;
  const { network, sender } = scene(
    names.map((name) => fileEntry(name)),
    { flaw: slow },
  );
  network.runUntil(() => sender.end !== undefined, 40 * MINUTE);
  expect(sender.end?.kind).toBe('complete');
  expect(network.now).toBeGreaterThan(27 * MINUTE);
});

test('a receiver that pings and acknowledges nothing is left', () => {
  const { network, sender } = scene([fileEntry()]);
  network.runUntil(() => (sender.session?.packetsInFlight ?? 0) > 0, MINUTE);
  network.loses = () => true;
  const { session } = sender;
  if (session === undefined) throw new Error('there is a session');
  const { localId: connectionId } = session.terms;
  let packetNumber = 2 ** 30;
  const pings = (until: number): void => {
    while (network.now < until) {
      const frames = [{ kind: 'ping' as const }];
      const ping = codecPacket('protected', { keyPhase: 0, connectionId, packetNumber: packetNumber++, frames });
      network.inject(RECEIVER, SENDER, ping);
      network.run(10_000);
    }
  };
  pings(9 * MINUTE);
  expect(sender.end).toBeUndefined();
  pings(11 * MINUTE);
  expect(sender.end).toMatchObject({ kind: 'no-progress', outcomes: [undefined] });
});

test('a receiver that has all of it may take its time', () => {
  const { network, sender } = scene([fileEntry()], { flaw: takes(FILE.length) });
  network.runUntil(() => sender.end !== undefined, MINUTE);
  expect(sender.end?.kind).toBe('complete');
});

test('a receiver that hears nothing any more has fallen silent, which is not final, whenever the way to it was cut', () => {
  let cuts = 0;
  for (let after = 0; after < 60; after += 2) {
    const { network, sender } = scene([fileEntry()], {
      idleTimeout: after % 4 === 0 ? 30_000 : 400_000,
      flaw: takes(0),
    });
    network.runUntil(() => (sender.session?.packetsInFlight ?? 0) > 0, MINUTE);
    network.run(after);
    if (sender.session?.packetsInFlight === 0) continue;
    cuts++;
    network.loses = ({ from }) => from !== RECEIVER;
    network.runUntil(() => sender.end !== undefined, 20 * MINUTE);
    expect({ after, kind: sender.end?.kind }).toEqual({ after, kind: 'silence' });
  }
  expect(cuts).toBeGreaterThan(5);
});

test('a stream may rest: whoever reads it may be a person', () => {
  const entry = fileEntry();
  const stream = { ...entry, offer: { ...entry.offer, size: undefined } };
  const { network, sender } = scene([stream], { flaw: takes(0) });
  network.runUntil(() => sender.session?.isHeldUp === true, MINUTE);
  expect(sender.session?.isHeldUp).toBe(true);
  network.run(20 * MINUTE);
  expect(sender.end).toBeUndefined();
});
