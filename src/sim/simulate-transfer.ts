import { SeededPrng } from '../base/prng.ts';
import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';
import { Channel, type ChannelOptions } from '../channel/channel.ts';
import type { ChannelSpec } from '../channel/spec.ts';
import type { ChannelStats } from '../channel/stats.ts';
import { type SessionConfig, sessionConfig } from '../session/config.ts';
import type { AcceptorAgreement, InitiatorAgreement } from '../session/key-agreement.ts';
import { plainAcceptor, plainInitiator } from '../session/plain-agreement.ts';
import type { SessionStats } from '../session/stats.ts';
import type { CreateDigest } from '../transfer/digest.ts';
import type { MemoryStoreOptions } from '../transfer/memory-sink.ts';
import { MemoryStore } from '../transfer/memory-store.ts';
import type { OutgoingEntry } from '../transfer/ports.ts';
import { type IncomingEnd, Receiver } from '../transfer/receiver.ts';
import { Sender, type SenderEnd } from '../transfer/sender.ts';
import { simulatedCookies } from './simulated-cookies.ts';
import { type Route, Simulation } from './simulation.ts';

/** One sender and one receiver with a channel each way between them. */
export interface TransferScenario {
  readonly seed: number;
  readonly entries: readonly OutgoingEntry[];
  readonly createDigest: CreateDigest;
  readonly sender?: Partial<SessionConfig> | undefined;
  readonly receiver?: Partial<SessionConfig> | undefined;
  /** How the two agree on keys; not at all unless given. */
  readonly agreements?: { readonly initiator: InitiatorAgreement; readonly acceptor: AcceptorAgreement } | undefined;
  /** From the sender to the receiver. */
  readonly forward?: ChannelSpec | undefined;
  /** From the receiver to the sender. */
  readonly backward?: ChannelSpec | undefined;
  readonly forwardOptions?: ChannelOptions | undefined;
  readonly backwardOptions?: ChannelOptions | undefined;
  /** One that may have served before, or what a fresh one is to be like. */
  readonly store?: MemoryStore | MemoryStoreOptions | undefined;
  /** Virtual time after which it is stopped; unlimited unless given. */
  readonly until?: Millis | undefined;
  /** Is told of the simulation before it starts, to watch it. */
  readonly watch?: ((simulation: Simulation, sender: Sender, receiver: Receiver) => void) | undefined;
  /** Called after every event: the place for invariants. */
  readonly onEvent?: (() => void) | undefined;
}

/** What came of it. */
export interface TransferResult {
  readonly seed: number;
  /** How the sender ended; undefined: it was stopped before. */
  readonly end: SenderEnd | undefined;
  /** How the receiver saw it end; undefined: it never began there, or was stopped before. */
  readonly incomingEnd: IncomingEnd | undefined;
  readonly store: MemoryStore;
  /** Virtual time when the sender knew its end. */
  readonly time: Millis;
  /** Content bytes per millisecond of virtual time until the sender knew its end. */
  readonly goodput: BytesPerMilli;
  /** Undefined: no session came about. */
  readonly senderStats: SessionStats | undefined;
  readonly receiverStats: SessionStats | undefined;
  readonly forward: ChannelStats;
  readonly backward: ChannelStats;
  /** Equal for equal histories. */
  readonly eventHash: string;
  readonly events: number;
}

/** Their addresses. */
export const SENDER = 'sender:1';
export const RECEIVER = 'receiver:9000';

/** Runs one transfer over simulated channels until both sides are done with it. Deterministic in the scenario. */
export function simulateTransfer(scenario: TransferScenario): TransferResult {
  const { seed, entries, createDigest, until, onEvent } = scenario;
  const { initiator, acceptor } = scenario.agreements ?? { initiator: plainInitiator, acceptor: plainAcceptor };
  const simulation = new Simulation();
  const store = scenario.store instanceof MemoryStore ? scenario.store : new MemoryStore(createDigest, scenario.store);
  const forward = new Channel<Route>(scenario.forward ?? {}, seed, 'forward', scenario.forwardOptions);
  const backward = new Channel<Route>(scenario.backward ?? {}, seed, 'backward', scenario.backwardOptions);
  const hosts: { sender?: Sender; receiver?: Receiver } = {};
  simulation.addHost(SENDER, (wake) => {
    const prng = new SeededPrng(seed, 'sender');
    hosts.sender = new Sender(0, entries, sessionConfig(scenario.sender), prng, RECEIVER, initiator, wake);
    return hosts.sender;
  });
  simulation.addHost(RECEIVER, (wake) => {
    const prng = new SeededPrng(seed, 'receiver');
    hosts.receiver = new Receiver(store, sessionConfig(scenario.receiver), prng, simulatedCookies, acceptor, wake);
    return hosts.receiver;
  });
  simulation.addLink(SENDER, RECEIVER, forward);
  simulation.addLink(RECEIVER, SENDER, backward);
  const { sender, receiver } = hosts as { sender: Sender; receiver: Receiver };
  scenario.watch?.(simulation, sender, receiver);

  let time: Millis | undefined;
  let incomingEnd: IncomingEnd | undefined;
  let receiverStats: SessionStats | undefined;
  simulation.run(() => {
    onEvent?.();
    for (let event = receiver.pollEvent(); event !== undefined; event = receiver.pollEvent()) {
      if (event.kind === 'started') receiverStats = event.incoming.session.stats;
      if (event.kind === 'ended') incomingEnd = event.end;
    }
    if (sender.end !== undefined) time ??= simulation.now;
    return sender.isDone && receiver.incoming.length === 0 && receiver.endpoint.sessionCount === 0;
  }, until);

  const took = time ?? simulation.now;
  const stored: Bytes = [...store.published.values()].reduce((sum, { size }) => sum + size, 0);
  return {
    seed,
    end: sender.end,
    incomingEnd,
    store,
    time: took,
    goodput: took === 0 ? 0 : stored / took,
    senderStats: sender.session?.stats,
    receiverStats,
    forward: forward.stats,
    backward: backward.stats,
    eventHash: simulation.log.hash,
    events: simulation.log.count,
  };
}
