import { afterEach, expect, test, vi } from 'vitest';
import { SeededPrng } from '../../src/base/prng.ts';
import { createSha256 } from '../../src/crypto/digest.ts';
import { sessionConfig } from '../../src/session/config.ts';
import { Initiator } from '../../src/session/initiator.ts';
import { plainAcceptor, plainInitiator } from '../../src/session/plain-agreement.ts';
import { simulatedCookies } from '../../src/sim/simulated-cookies.ts';
import { Delay } from '../../src/transfer/delay.ts';
import { memoryEntry } from '../../src/transfer/memory-source.ts';
import { MemoryStore } from '../../src/transfer/memory-store.ts';
import type { OutgoingEntry } from '../../src/transfer/ports.ts';
import { Receiver } from '../../src/transfer/receiver.ts';
import { ReceivingTransfer } from '../../src/transfer/receiving.ts';
import { Sender } from '../../src/transfer/sender.ts';
import { CLOSE_CODE } from '../../src/wire/close-codes.ts';
import { Network } from '../session/network.ts';

const RECEIVER = '10.0.0.1:9000';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Some senders of one file each and their receiver. */
function scene(count: number, size: number, store = new MemoryStore(createSha256)) {
  const network = new Network();
  const config = sessionConfig({ idleTimeout: 3_600_000 });
  const receiver = new Receiver(
    store,
    config,
    new SeededPrng(1, 'receiver'),
    simulatedCookies,
    plainAcceptor,
    () => {},
  );
  const senders = Array.from({ length: count }, (_, i) => {
    const entries = [memoryEntry(`file-${i}`, new Uint8Array(size).fill(i), createSha256)];
    const address = `10.0.1.${i}:5000`;
    const sender = new Sender(0, entries, config, new SeededPrng(i, 'sender'), RECEIVER, plainInitiator, () => {});
    network.join(address, sender.endpoint, () => sender.step(network.now));
    return { address, sender };
  });
  network.join(RECEIVER, receiver.endpoint, () => receiver.step(network.now));
  return { network, receiver, store, senders };
}

test('many transfers at once: each gets its own bytes', () => {
  const { network, store, senders } = scene(20, 50_000);
  network.runUntil(() => senders.every(({ sender }) => sender.end?.kind === 'complete'), 60_000);
  for (let i = 0; i < 20; i++) expect(store.published.get(`file-${i}`)?.bytes?.every((byte) => byte === i)).toBe(true);
});

test('a transfer is stepped when its session has news, not when another one has', () => {
  const { network, receiver, senders } = scene(10, 3_000_000);
  network.run(400);
  expect(receiver.incoming.length).toBe(10);
  // All but the first fall silent.
  const [first, ...others] = senders;
  network.loses = ({ from }) => from !== first?.address && from !== RECEIVER;
  network.run(100);
  const stepped = new Set<unknown>();
  const { step } = ReceivingTransfer.prototype;
  vi.spyOn(ReceivingTransfer.prototype, 'step').mockImplementation(function (this: ReceivingTransfer) {
    stepped.add(this);
    step.call(this);
  });
  network.run(300);
  const busy = receiver.incoming.find(({ session }) => session.peer === first?.address);
  expect(others.length).toBe(9);
  expect([...stepped]).toEqual([busy?.transfer]);
});

test('a store that takes its time wakes the transfer it belongs to, and the end is told once', () => {
  const delay = new Delay(3);
  const { network, receiver, senders } = scene(2, 10_000, new MemoryStore(createSha256, { delay }));
  const ends: string[] = [];
  for (let i = 0; i < 200 && !senders.every(({ sender }) => sender.end !== undefined); i++) {
    delay.advance();
    network.run(50);
    for (let event = receiver.pollEvent(); event !== undefined; event = receiver.pollEvent()) {
      if (event.kind === 'ended') ends.push(event.end.kind);
    }
  }
  expect(senders.map(({ sender }) => sender.end?.kind)).toEqual(['complete', 'complete']);
  for (let i = 0; i < 10; i++) delay.advance();
  network.run(1000);
  for (let event = receiver.pollEvent(); event !== undefined; event = receiver.pollEvent()) {
    if (event.kind === 'ended') ends.push(event.end.kind);
  }
  expect(ends).toEqual(['complete', 'complete']);
  expect(receiver.incoming).toEqual([]);
});

test('a receiver that shuts down tells every sender, and itself what became of each', () => {
  const { network, receiver, senders } = scene(3, 3_000_000);
  network.run(400);
  receiver.shutDown(network.now, 4, 'bye');
  network.run(1000);
  expect(senders.map(({ sender }) => sender.end?.kind)).toEqual(new Array(3).fill('closed-by-peer'));
  const ends: string[] = [];
  for (let event = receiver.pollEvent(); event !== undefined; event = receiver.pollEvent()) {
    if (event.kind === 'ended') ends.push(event.end.kind);
  }
  expect(ends).toEqual(new Array(3).fill('cancelled'));
});

test('a sender that keeps its session and says nothing loses it after a minute, and hears why', () => {
  const network = new Network();
  const store = new MemoryStore(createSha256);
  const config = sessionConfig({ idleTimeout: 30_000 });
  const receiver = new Receiver(
    store,
    config,
    new SeededPrng(1, 'receiver'),
    simulatedCookies,
    plainAcceptor,
    () => {},
  );
  network.join(RECEIVER, receiver.endpoint, () => receiver.step(network.now));
  const idle = {
    ...memoryEntry('idle', new Uint8Array(10), createSha256),
    open: () => ({ poll: () => undefined, resend() {}, close() {} }),
  };
  const sender = new Sender(0, [idle], config, new SeededPrng(2, 'sender'), RECEIVER, plainInitiator, () => {});
  network.join('10.0.1.1:5000', sender.endpoint, () => sender.step(network.now));
  network.runUntil(() => sender.end !== undefined, 600_000);
  expect(sender.end).toMatchObject({ kind: 'closed-by-peer', code: 11 });
  expect(network.now).toBeGreaterThan(60_000);
  expect(network.now).toBeLessThan(90_000);
  expect(store.published.size).toBe(0);
});

test('where senders who have not said a word hold every place, they make way for others; those who said something stay', () => {
  const network = new Network();
  const store = new MemoryStore(createSha256);
  const config = sessionConfig({ idleTimeout: 30_000 });
  const receiver = new Receiver(
    store,
    config,
    new SeededPrng(1, 'receiver'),
    simulatedCookies,
    plainAcceptor,
    () => {},
    { sessions: 3 },
  );
  network.join(RECEIVER, receiver.endpoint, () => receiver.step(network.now));
  const silent = [0, 1].map((i) => {
    const endpoint = new Initiator(0, config, new SeededPrng(i, 'silent'), RECEIVER, plainInitiator);
    network.join(`10.0.1.${i}:5000`, endpoint);
    return endpoint;
  });
  const send = (i: number, entry: OutgoingEntry): Sender => {
    const prng = new SeededPrng(i, 'sender');
    const sender = new Sender(network.now, [entry], config, prng, RECEIVER, plainInitiator, () => {});
    network.join(`10.0.2.${i}:5000`, sender.endpoint, () => sender.step(network.now));
    return sender;
  };
  const entry = memoryEntry('resting', new Uint8Array(10), createSha256);
  const resting = send(0, { ...entry, open: () => ({ poll: () => undefined, resend() {}, close() {} }) });
  network.run(6000);
  expect(receiver.incoming.length).toBe(3);
  const next = send(1, memoryEntry('next', new Uint8Array(10), createSha256));
  network.runUntil(() => next.end !== undefined, 10_000);
  expect(next.end?.kind).toBe('complete');
  for (const { session } of silent) expect(session?.end).toMatchObject({ by: 'peer', code: CLOSE_CODE.busy });
  expect(resting.end).toBeUndefined();
});
