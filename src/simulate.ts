import { randomBytes } from 'node:crypto';
import { SeededPrng } from './base/prng.ts';
import type { Bytes, BytesPerMilli, Millis } from './base/units.ts';
import type { ChannelSpec } from './channel/spec.ts';
import type { ChannelStats } from './channel/stats.ts';
import { createSha256 } from './crypto/digest.ts';
import type { SessionConfig } from './session/config.ts';
import type { SessionStats } from './session/stats.ts';
import { simulateTransfer } from './sim/simulate-transfer.ts';
import { memoryEntry } from './transfer/memory-source.ts';

/** A file, a sender, a receiver and a channel each way, in virtual time. */
export interface SimulateOptions {
  /** Size of a random file, or its content. */
  readonly content: Bytes | Uint8Array;
  /** Repeats everything; drawn when not given, and told in the result. */
  readonly seed?: number | undefined;
  readonly session?: Partial<SessionConfig> | undefined;
  /** From sender to receiver. */
  readonly forward?: ChannelSpec | undefined;
  /** From receiver to sender. */
  readonly backward?: ChannelSpec | undefined;
  /** Virtual time after which it is given up. */
  readonly until?: Millis | undefined;
}

/** What the simulation came to. */
export interface SimulateResult {
  readonly seed: number;
  /** The file arrived whole and the sender knows. */
  readonly isComplete: boolean;
  /** Virtual time it took. */
  readonly time: Millis;
  readonly goodput: BytesPerMilli;
  readonly sender: SessionStats | undefined;
  readonly receiver: SessionStats | undefined;
  readonly forward: ChannelStats;
  readonly backward: ChannelStats;
  /** Equal for equal options and seed. */
  readonly eventHash: string;
  readonly events: number;
}

const PATTERN: Bytes = 1 << 20;

/** Sends a file through simulated channels: the sessions that run over sockets, without waiting. */
export function simulate(options: SimulateOptions): SimulateResult {
  const seed = options.seed ?? randomBytes(6).readUIntBE(0, 6);
  const { session, forward, backward, until, content } = options;
  const entry = memoryEntry(
    'file',
    content instanceof Uint8Array ? content : randomContent(content, seed),
    createSha256,
  );
  const result = simulateTransfer({
    seed,
    entries: [entry],
    createDigest: createSha256,
    sender: session,
    receiver: session,
    forward,
    backward,
    store: { keepBytes: false },
    until,
  });
  return {
    seed,
    isComplete: result.end?.kind === 'complete' && result.end.outcomes[0]?.status === 'stored',
    time: result.time,
    goodput: result.goodput,
    sender: result.senderStats,
    receiver: result.receiverStats,
    forward: result.forward,
    backward: result.backward,
    eventHash: result.eventHash,
    events: result.events,
  };
}

/** A random block over and over: gigabytes cost nothing. */
function randomContent(size: Bytes, seed: number): { size: Bytes; generate(offset: Bytes, length: Bytes): Uint8Array } {
  const prng = new SeededPrng(seed, 'content');
  const block = Uint8Array.from({ length: Math.min(PATTERN, size) }, () => prng.nextUint32() & 0xff);
  return {
    size,
    generate(offset, length) {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; ) {
        const start = (offset + at) % block.length;
        const count = Math.min(block.length - start, length - at);
        bytes.set(block.subarray(start, start + count), at);
        at += count;
      }
      return bytes;
    },
  };
}
