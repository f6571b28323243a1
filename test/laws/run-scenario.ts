import type { Bytes, Millis } from '../../src/base/units.ts';
import { Channel } from '../../src/channel/channel.ts';
import type { ChannelSpec } from '../../src/channel/spec.ts';
import { createSha256 } from '../../src/crypto/digest.ts';
import { RECEIVER, SENDER, simulateTransfer, type TransferResult } from '../../src/sim/simulate-transfer.ts';
import type { Route, Simulation } from '../../src/sim/simulation.ts';
import { Delay } from '../../src/transfer/delay.ts';
import { memoryEntry } from '../../src/transfer/memory-source.ts';
import type { Sender } from '../../src/transfer/sender.ts';
import { MAX_AGE } from './channels.ts';
import { DiskClock } from './disk-clock.ts';
import { Invariants } from './invariants.ts';
import { contentOf, type Scenario } from './scenario.ts';
import { demand } from './side-invariants.ts';

/** Channels that lose everything from a moment on, for good. */
export interface Cut {
  readonly at: Millis;
  readonly direction: 'forward' | 'backward' | 'both';
}

/** Nothing ends for lack of patience: what `--timeout 0` asks for. */
const PATIENT: Millis = 3_600_000;
/** Faults end early for whoever sends so much: an unlimited path without congestion control takes anything. */
const MAX_DATAGRAMS = 20_000;

/** A transfer that was run to its end, with what had to be sent. */
export interface Run {
  readonly scenario: Scenario;
  readonly contents: readonly Uint8Array[];
  readonly result: TransferResult;
  /** Packet numbers that the two sides skipped. */
  readonly skippedNumbers: number;
}

/** Runs a scenario under the invariants: faults, then none, and the end soon after. */
export function runScenario(scenario: Scenario): Run {
  const { forward, backward } = scenario;
  return run(scenario, PATIENT, {
    isOver: ({ now, log }) => now >= scenario.faultsUntil || log.count > 2 * MAX_DATAGRAMS,
    next: { forward: calm(forward), backward: calm(backward) },
    patience: budget(scenario),
  });
}

/** Runs a scenario under the invariants until its channels are cut, and on until both sides have given up. */
export function runCut(scenario: Scenario, { at, direction }: Cut, timeout: Millis): Run {
  return run(scenario, timeout, {
    isOver: ({ now }) => now >= at,
    next: {
      forward: direction === 'backward' ? undefined : dead(),
      backward: direction === 'forward' ? undefined : dead(),
    },
    // Copies of what was sent before still arrive and are heard.
    patience: 3 * timeout + 2 * MAX_AGE,
  });
}

/** When the channels change, to what, and how soon it must be over then. */
interface Change {
  readonly isOver: (simulation: Simulation) => boolean;
  readonly next: {
    readonly forward: Channel<Route> | undefined;
    readonly backward: Channel<Route> | undefined;
  };
  readonly patience: Millis;
}

function run(scenario: Scenario, timeout: Millis, change: Change): Run {
  const { seed, files, arq, window, congestion, creditWindow, maxDatagram = 1200, disk } = scenario;
  const contents = files.map((file, index) => contentOf(file, seed, index));
  const delay = disk && new Delay(disk.steps);
  const own = { arq, window, congestion, creditWindow, maxDatagram };
  const config = { ...own, idleTimeout: timeout, connectTimeout: timeout };
  let watch: Watch | undefined;
  const result = simulateTransfer({
    seed,
    createDigest: createSha256,
    entries: files.map(({ sizeKnown, pieceSize, sourceFails }, index) =>
      memoryEntry(`${index}`, contents[index] as Uint8Array, createSha256, {
        pieceSize,
        sizeKnown,
        ...(sourceFails !== undefined && { failure: { after: sourceFails, code: 9 } }),
      }),
    ),
    sender: config,
    receiver: config,
    forward: scenario.forward,
    backward: scenario.backward,
    store: {
      fault: ({ path }) => files[Number(String.fromCharCode(...(path[0] ?? [])))]?.storeFault,
      ...(delay && { delay }),
    },
    watch: (simulation, sender, receiver) => {
      watch = new Watch(simulation, sender, new Invariants(simulation, sender, receiver), change);
      if (disk !== undefined && delay !== undefined)
        simulation.addHost('disk:1', () => new DiskClock(delay, disk.tick));
    },
    onEvent: () => watch?.look(),
  });
  watch?.invariants.checkEnd();
  return { scenario, contents, result, skippedNumbers: watch?.invariants.skippedNumbers ?? 0 };
}

/** Looks after every event: the invariants, the change of the channels, and that it ends in time. */
class Watch {
  readonly invariants: Invariants;
  readonly #simulation: Simulation;
  readonly #sender: Sender;
  readonly #change: Change;
  #deadline: Millis | undefined;

  constructor(simulation: Simulation, sender: Sender, invariants: Invariants, change: Change) {
    this.#simulation = simulation;
    this.#sender = sender;
    this.invariants = invariants;
    this.#change = change;
  }

  look(): void {
    this.invariants.check();
    const { now } = this.#simulation;
    if (this.#deadline !== undefined) {
      const isLate = this.#sender.end === undefined && now > this.#deadline;
      demand(!isLate, 'it ends soon after the faults', now, this.#deadline);
    } else if (this.#change.isOver(this.#simulation)) {
      this.#deadline = now + this.#change.patience;
      const { forward, backward } = this.#change.next;
      if (forward !== undefined) this.#simulation.addLink(SENDER, RECEIVER, forward);
      if (backward !== undefined) this.#simulation.addLink(RECEIVER, SENDER, backward);
    }
  }
}

/** The same path without faults. */
function calm({ delay, rate }: ChannelSpec): Channel<Route> {
  return new Channel({ delay, rate, queue: Number.MAX_SAFE_INTEGER }, 0, 'calm');
}

function dead(): Channel<Route> {
  return new Channel({ loss: 1 }, 0, 'dead');
}

/** A minute and a little, and ten times what the path, the window, the credit and the disk need at their best. */
function budget({ files, window, arq, creditWindow, forward, backward, disk }: Scenario): Millis {
  const roundTrip = 1 + (forward.delay ?? 0) + (backward.delay ?? 0);
  const answer = disk === undefined ? 0 : disk.tick * disk.steps;
  const windowRate = (1157 * (arq === 'stop-and-wait' ? 1 : window)) / roundTrip;
  const creditRate = creditWindow / 2 / (roundTrip + answer);
  const rate = Math.min(forward.rate ?? Number.POSITIVE_INFINITY, windowRate, creditRate);
  const bytes: Bytes = files.reduce((sum, { size }) => sum + size + 300, 0);
  // A timeout may have grown to a minute before the faults ended; what it sends anew takes its round trips.
  return 65_000 + (10 * bytes) / rate + (4 + 4 * files.length) * answer;
}
