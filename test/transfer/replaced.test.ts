import { expect, test } from 'vitest';
import { SeededPrng } from '../../src/base/prng.ts';
import { createSha256 } from '../../src/crypto/digest.ts';
import { sessionConfig } from '../../src/session/config.ts';
import { plainAcceptor, plainInitiator } from '../../src/session/plain-agreement.ts';
import { simulatedCookies } from '../../src/sim/simulated-cookies.ts';
import { MemoryStore } from '../../src/transfer/memory-store.ts';
import type { Owner, Store } from '../../src/transfer/ports.ts';
import { type IncomingEnd, Receiver, type ReceiverEvent } from '../../src/transfer/receiver.ts';
import { Sender } from '../../src/transfer/sender.ts';
import { Network } from '../session/network.ts';
import { CHUNK, FILE, fileEntry } from './resume-phrases.ts';

const RECEIVER = '10.0.0.1:9000';
const OLD = '10.0.1.1:5000';
const NEW = '10.0.1.2:5000';

/** A receiver, and one sender in the middle of a file. The store tells who sends what is open. */
function scene() {
  const network = new Network();
  network.delay = 5;
  const memory = new MemoryStore(createSha256);
  const owners: Owner[] = [];
  const store: Store = {
    open: (offer, wake, owner) => {
      owners.push(owner);
      return memory.open(offer, wake);
    },
  };
  const config = sessionConfig({ idleTimeout: 600_000, congestion: 'fixed', window: 64 });
  const prng = new SeededPrng(1, 'receiver');
  const receiver = new Receiver(store, config, prng, simulatedCookies, plainAcceptor, () => {});
  network.join(RECEIVER, receiver.endpoint, () => receiver.step(network.now));
  const call = (address: string): Sender => {
    const own = new SeededPrng(address.length, address);
    const sender = new Sender(network.now, [fileEntry()], config, own, RECEIVER, plainInitiator, () => {});
    network.join(address, sender.endpoint, () => sender.step(network.now));
    return sender;
  };
  const old = call(OLD);
  network.runUntil(() => memory.written >= 2.5 * CHUNK, 60_000);
  expect(memory.written).toBeLessThan(FILE.length);
  return { network, memory, owners, receiver, old, call };
}

function endsOf(receiver: Receiver): IncomingEnd[] {
  const events: ReceiverEvent[] = [];
  for (let event = receiver.pollEvent(); event !== undefined; event = receiver.pollEvent()) events.push(event);
  return events.flatMap((event) => (event.kind === 'ended' ? [event.end] : []));
}

test('a sender that is there answers a ping, and is heard', () => {
  const { network, owners } = scene();
  const [owner] = owners;
  network.loses = ({ from }) => from === OLD;
  network.run(1000);
  const heardAt = owner?.heardAt;
  network.loses = () => false;
  owner?.ping();
  network.run(20);
  expect(heardAt).toBeLessThan(network.now - 900);
  expect(owner?.heardAt).toBeGreaterThan(network.now - 20);
});

test('a sender that fell silent is replaced: the newer one resumes, the older one hears why when it is back', () => {
  const { network, memory, owners, receiver, old, call } = scene();
  const [owner] = owners;
  network.loses = ({ from }) => from === OLD;
  network.run(1000);
  const heardAt = owner?.heardAt;
  owner?.ping();
  network.run(2000);
  expect(owner?.heardAt).toBe(heardAt);
  owner?.replace();
  network.run(0);
  expect(endsOf(receiver)).toEqual([{ kind: 'replaced' }]);
  expect(memory.parts.get('0')?.length).toBeGreaterThanOrEqual(2 * CHUNK);
  expect(old.end).toBeUndefined();

  const before = memory.written;
  const next = call(NEW);
  network.runUntil(() => next.end !== undefined, 60_000);
  expect(next.end).toMatchObject({ kind: 'complete', outcomes: [{ status: 'stored' }] });
  expect(memory.written - before).toBeLessThanOrEqual(FILE.length - 2 * CHUNK);
  expect(next.transfer?.progress.resumed).toBeGreaterThanOrEqual(2 * CHUNK);

  network.loses = () => false;
  network.runUntil(() => old.end !== undefined, 600_000);
  expect(old.end).toMatchObject({ kind: 'closed-by-peer', code: 9 });
});

test('one that is over is not replaced', () => {
  const { network, owners, receiver, old } = scene();
  network.runUntil(() => old.end !== undefined, 60_000);
  network.run(1000);
  owners[0]?.replace();
  network.run(1000);
  expect(old.end?.kind).toBe('complete');
  expect(endsOf(receiver)).toEqual([{ kind: 'complete' }]);
});
