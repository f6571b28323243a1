import { SeededPrng } from '../../src/base/prng.ts';
import type { Bytes, BytesPerMilli, Millis } from '../../src/base/units.ts';
import { Channel } from '../../src/channel/channel.ts';
import type { ControllerName } from '../../src/congestion/registry.ts';
import { sessionConfig } from '../../src/session/config.ts';
import { plainAcceptor, plainInitiator } from '../../src/session/plain-agreement.ts';
import { simulatedCookies } from '../../src/sim/simulated-cookies.ts';
import { type Route, Simulation } from '../../src/sim/simulation.ts';
import type { CreateDigest } from '../../src/transfer/digest.ts';
import { memoryEntry } from '../../src/transfer/memory-source.ts';
import { MemoryStore } from '../../src/transfer/memory-store.ts';
import { Receiver } from '../../src/transfer/receiver.ts';
import { Sender } from '../../src/transfer/sender.ts';
import { MIN_DATAGRAM } from '../../src/wire/limits.ts';

/** Content is never looked at here: a digest that costs nothing. */
const NO_DIGEST: CreateDigest = () => ({ update: () => {}, digest: () => new Uint8Array(32) });
const ENDLESS: Bytes = 2 ** 40;
const RECEIVER = 'receiver:9000';
const addressOf = (flow: number): string => `sender-${flow}:1`;
/** How often the queue is looked at. */
const LOOK: Millis = 10;

/** Several senders with one bottleneck before their common receiver. */
export interface SharedBottleneck {
  readonly seed: number;
  /** One sender each. */
  readonly flows: readonly ControllerName[];
  /** UDP payload. */
  readonly rate: BytesPerMilli;
  /** Each way. */
  readonly delay: Millis;
  readonly queue: Bytes;
  readonly loss?: number;
  /** What every sender's datagrams may grow to; 1200 unless given. */
  readonly datagram?: Bytes;
  /** Between one sender's start and the next one's. */
  readonly stagger: Millis;
  /** What is measured begins here, and ends at `until`. */
  readonly from: Millis;
  readonly until: Millis;
}

/** What each sender got, and what they did to the queue, from `from` to `until`. */
export interface SharedResult {
  /** Content bytes received in order per millisecond, one for each flow. */
  readonly goodputs: readonly BytesPerMilli[];
  /** All of them as a share of the bottleneck's rate. */
  readonly utilization: number;
  /** Jain's index: 1 where all get the same, 1/n where one gets everything. */
  readonly fairness: number;
  /** The mean time a datagram waited at the bottleneck. */
  readonly queueDelay: Millis;
}

/** Lets endless transfers compete and measures them. Deterministic. */
export function shareBottleneck({ seed, flows, ...link }: SharedBottleneck): SharedResult {
  const simulation = new Simulation();
  const store = new MemoryStore(NO_DIGEST, { keepBytes: false });
  const { rate, delay, queue, loss, datagram: maxDatagram = MIN_DATAGRAM } = link;
  const forward = new Channel<Route>({ rate, delay, queue, loss }, seed, 'forward');
  const backward = new Channel<Route>({ delay }, seed, 'backward');
  const receivers: Receiver[] = [];
  simulation.addHost(RECEIVER, (wake) => {
    receivers.push(
      new Receiver(
        store,
        sessionConfig({ maxDatagram }),
        new SeededPrng(seed, 'receiver'),
        simulatedCookies,
        plainAcceptor,
        wake,
      ),
    );
    return receivers[0] as Receiver;
  });
  const senders = flows.map((congestion, i) => {
    simulation.run(() => false, i * link.stagger);
    const address = addressOf(i);
    const entry = memoryEntry(
      `file-${i}`,
      { size: ENDLESS, generate: (_at, length) => new Uint8Array(length) },
      NO_DIGEST,
    );
    const senders: Sender[] = [];
    simulation.addHost(address, (wake) => {
      const prng = new SeededPrng(seed, address);
      const sender = new Sender(
        simulation.now,
        [entry],
        sessionConfig({ congestion, maxDatagram }),
        prng,
        RECEIVER,
        plainInitiator,
        wake,
      );
      senders.push(sender);
      return sender;
    });
    simulation.addLink(address, RECEIVER, forward);
    simulation.addLink(RECEIVER, address, backward);
    return senders[0] as Sender;
  });

  const bytesOf = (): Bytes[] =>
    flows.map((_, i) => {
      const incoming = receivers[0]?.incoming.find(({ session }) => session.peer === addressOf(i));
      return incoming?.transfer.progress.bytes ?? 0;
    });
  simulation.run(() => false, link.from);
  const before = bytesOf();
  const waits: Millis[] = [];
  for (let at = link.from + LOOK; at <= link.until; at += LOOK) {
    simulation.run(() => false, at);
    const rtts = senders.flatMap(({ session }) => session?.rtt.latest ?? []);
    waits.push(Math.max(0, Math.min(...rtts) - 2 * delay));
  }
  const goodputs = bytesOf().map((bytes, i) => (bytes - (before[i] as Bytes)) / (link.until - link.from));
  const sum = goodputs.reduce((a, b) => a + b, 0);
  const squares = goodputs.reduce((a, b) => a + b * b, 0);
  return {
    goodputs,
    utilization: sum / rate,
    fairness: squares > 0 ? sum ** 2 / (flows.length * squares) : 0,
    queueDelay: waits.reduce((a, b) => a + b, 0) / waits.length,
  };
}
