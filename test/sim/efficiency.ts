import { GRANULARITY } from '../../src/recovery/constants.ts';
import { simulateTransfer } from '../../src/sim/simulate-transfer.ts';
import { memoryEntry } from '../../src/transfer/memory-source.ts';
import type { Receiver } from '../../src/transfer/receiver.ts';
import type { Simulation } from '../../src/sim/simulation.ts';
import type { ArqName } from '../../src/wire/terms.ts';
import { sha256 } from '../laws/digest.ts';

/** One experiment of the textbooks. */
export interface Cell {
  readonly arq: ArqName;
  /** Propagation delay, in transmission times of one packet. */
  readonly a: number;
  readonly window: number;
  /** Probability that a packet is lost; acknowledgements never are. */
  readonly loss: number;
}

/** A datagram full of DATA, and the stream bytes in it. */
const DATAGRAM = 1188;
const PAYLOAD = 1157;
/** The same for every cell, so that it is large beside the timers' granularity and below the largest timeout. */
const ROUND_TRIP = 2000;

/** Share of the link's capacity that delivers new packets (DESIGN.md section 4). */
export function theory({ arq, a, window, loss }: Cell): number {
  const p = loss;
  const cycle = 1 + 2 * a;
  const isFull = window >= cycle;
  switch (arq) {
    case 'stop-and-wait':
      return (1 - p) / cycle;
    case 'go-back-n':
      return isFull ? (1 - p) / (1 + 2 * a * p) : (window * (1 - p)) / (cycle * (1 - p + window * p));
    case 'selective-repeat':
      return isFull ? 1 - p : (window * (1 - p)) / cycle;
  }
}

export function measure(cell: Cell, packets: number, seed: number): number {
  const { arq, a, window, loss } = cell;
  const transmission = ROUND_TRIP / (1 + 2 * a);
  const size = packets * PAYLOAD;
  const session = { arq, window, congestion: 'fixed', backoffFactor: 1, connectTimeout: 1e6, idleTimeout: 1e6, creditWindow: 2 ** 40 } as const;
  let simulation: Simulation | undefined;
  let receiver: Receiver | undefined;
  const from = { at: 0, bytes: 0 };
  const to = { at: 0, bytes: 0 };
  const result = simulateTransfer({
    seed,
    createDigest: sha256,
    entries: [memoryEntry('f', { size, generate: (_offset, length) => new Uint8Array(length) }, sha256)],
    store: { keepBytes: false },
    sender: { ...session, maxRate: DATAGRAM / transmission, minimumBurst: 1 },
    receiver: { ...session, maxAckDelay: 0, ackEvery: 1 },
    forward: { loss, delay: (1 + a) * transmission - GRANULARITY - 0.01 },
    backward: { delay: a * transmission },
    watch: (s, _sender, r) => {
      simulation = s;
      receiver = r;
    },
    onEvent: () => {
      const bytes = receiver?.incoming[0]?.transfer.progress.bytes ?? 0;
      if (bytes <= to.bytes || simulation === undefined) return;
      if (bytes < 0.1 * size) Object.assign(from, { at: simulation.now, bytes });
      if (bytes < 0.98 * size) Object.assign(to, { at: simulation.now, bytes });
    },
  });
  if (result.end?.kind !== 'complete') throw new Error(`did not complete: ${JSON.stringify(cell)}`);
  if (process.env.DBG) console.log(result.time, result.senderStats, from, to);
  return ((to.bytes - from.bytes) / PAYLOAD) * (transmission / (to.at - from.at));
}
