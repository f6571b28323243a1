import type { Bytes, Millis } from '../../src/base/units.ts';
import { createSha256 } from '../../src/crypto/digest.ts';
import { GRANULARITY } from '../../src/recovery/constants.ts';
import { simulateTransfer } from '../../src/sim/simulate-transfer.ts';
import type { Simulation } from '../../src/sim/simulation.ts';
import { memoryEntry } from '../../src/transfer/memory-source.ts';
import type { Receiver } from '../../src/transfer/receiver.ts';
import { type Cell, roundTrip, timeVariation } from './theory.ts';

/** A datagram full of DATA, and the stream bytes in it. */
const DATAGRAM: Bytes = 1188;
const PAYLOAD: Bytes = 1157;
/** The same in every cell: large beside the timers' granularity, below the largest timeout. */
const ROUND_TRIP: Millis = 2000;
/** Until the measuring begins, as a share of the whole: handshake and the first round trips. */
const WARM_UP = 0.1;
/** When it ends: the tail of a transfer is not its steady state. */
const COOL_DOWN = 0.98;
/** Chance alone may move a result by so much (one standard deviation). */
const WANTED_ERROR = 0.012;
/** At least so many packets, and so many windows of them: content comes in order, so up to a window at once. */
const MIN_PACKETS = 2000;
const MIN_WINDOWS = 150;

/** What one simulation gave. */
export interface Measurement {
  /** Share of the link's capacity that delivered new packets. */
  readonly efficiency: number;
  /** One standard deviation of what chance does to that, as a share of it. */
  readonly error: number;
}

/** Sends a long enough file through one cell's link; the sender's pacing stands for the link's transmission time. */
export function measureEfficiency(cell: Cell, seed: number): Measurement {
  const { arq, a, window, loss } = cell;
  const packets = Math.max(MIN_PACKETS, MIN_WINDOWS * window, (timeVariation(cell) / WANTED_ERROR) ** 2);
  const size = Math.ceil(packets * PAYLOAD);
  const transmission: Millis = ROUND_TRIP / roundTrip(a);
  const share = cell.sending === 'spread' ? Math.min(1, window / roundTrip(a)) : 1;
  const config = {
    arq,
    window,
    congestion: 'fixed',
    backoffFactor: 1,
    creditWindow: 2 ** 40,
    connectTimeout: 1e6,
    idleTimeout: 1e6,
  } as const;
  const meter = new Meter(size);
  const { end } = simulateTransfer({
    seed,
    createDigest: createSha256,
    entries: [memoryEntry('file', { size, generate: (_offset, length) => new Uint8Array(length) }, createSha256)],
    store: { keepBytes: false },
    sender: { ...config, maxRate: (share * DATAGRAM) / transmission, minimumBurst: 1 },
    receiver: { ...config, maxAckDelay: 0, ackEvery: 1 },
    // Timeouts are a granularity longer than the round trip, theory's are not: so much of the delay is the timer's.
    forward: { loss, delay: transmission * (1 + a) - GRANULARITY - 0.01 },
    backward: { delay: transmission * a },
    watch: (simulation, _sender, receiver) => meter.watch(simulation, receiver),
    onEvent: () => meter.look(),
  });
  if (end?.kind !== 'complete') throw new Error(`the transfer did not complete: ${JSON.stringify(cell)}`);
  const efficiency = (meter.rate * transmission) / PAYLOAD;
  return { efficiency, error: timeVariation(cell) / Math.sqrt(packets * (COOL_DOWN - WARM_UP)) };
}

/** Measures the rate at which content arrives, from the end of the warm-up to the beginning of the cool-down. */
class Meter {
  readonly #size: Bytes;
  #simulation: Simulation | undefined;
  #receiver: Receiver | undefined;
  #from = { at: 0 as Millis, bytes: 0 as Bytes };
  #to = { at: 0 as Millis, bytes: 0 as Bytes };

  constructor(size: Bytes) {
    this.#size = size;
  }

  watch(simulation: Simulation, receiver: Receiver): void {
    this.#simulation = simulation;
    this.#receiver = receiver;
  }

  look(): void {
    const bytes = this.#receiver?.incoming[0]?.transfer.progress.bytes ?? 0;
    if (this.#simulation === undefined || bytes <= this.#to.bytes || bytes > COOL_DOWN * this.#size) return;
    this.#to = { at: this.#simulation.now, bytes };
    if (bytes < WARM_UP * this.#size) this.#from = this.#to;
  }

  /** Bytes per millisecond. */
  get rate(): number {
    return (this.#to.bytes - this.#from.bytes) / (this.#to.at - this.#from.at);
  }
}
