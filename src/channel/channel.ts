import type { Bytes, Millis } from '../base/units.ts';
import { damage } from './damage.ts';
import { DelayQueue } from './delay-queue.ts';
import { Impairments } from './impairments.ts';
import { Replay } from './replay.ts';
import { type ChannelSpec, validateSpec } from './spec.ts';
import { type ChannelStats, emptyCounters } from './stats.ts';
import { type Copy, type Judge, MAX_COPIES, type Verdict } from './verdict.ts';

/** Most datagrams, and bytes of them, that one channel holds: beyond either, datagrams are lost for cause `queue`. */
export const MAX_HELD_DATAGRAMS = 65_536;
export const MAX_HELD_BYTES: Bytes = 128 * 1024 * 1024;

export interface ChannelOptions {
  /** Verdicts by datagram index, from a recording; the spec and the seed are then not used. */
  readonly replay?: ReadonlyMap<number, Verdict> | undefined;
  /** Hears every verdict, in order; recording.ts turns it into a line. */
  readonly onVerdict?: ((index: number, size: Bytes, verdict: Verdict) => void) | undefined;
}

/** A datagram that came out, with what was pushed beside it. */
export interface Delivery<Tag> {
  readonly bytes: Uint8Array;
  readonly tag: Tag;
}

interface Held<Tag> extends Delivery<Tag> {
  readonly index: number;
  readonly isDuplicate: boolean;
}

/**
 * One direction of a lossy network, between a real socket and a session or between two simulated sessions: the same
 * code. Equal spec, seed, direction and pushes give equal deliveries. `Tag` is carried along (a peer's address, say).
 */
export class Channel<Tag = void> {
  readonly #judge: Judge;
  readonly #onVerdict: ChannelOptions['onVerdict'];
  readonly #queue = new DelayQueue<Held<Tag>>();
  readonly #counters = emptyCounters();
  #heldBytes: Bytes = 0;
  #lastDelivered = -1;

  /** `direction` names this direction's random streams. Throws RangeError if the spec is not sound. */
  constructor(spec: ChannelSpec, seed: number, direction: string, options: ChannelOptions = {}) {
    const fault = validateSpec(spec);
    if (fault !== undefined) throw new RangeError(fault);
    this.#judge = options.replay ? new Replay(options.replay) : new Impairments(spec, seed, direction);
    this.#onVerdict = options.onVerdict;
  }

  /** A snapshot. `in + duplicated = delivered + lost + held`, always. */
  get stats(): ChannelStats {
    return {
      ...this.#counters,
      lost: { ...this.#counters.lost },
      held: this.#queue.size,
      maxQueue: this.#judge.maxQueue,
    };
  }

  /**
   * Takes a datagram in. What comes out later or altered is copied; what is due at once is handed through as it is,
   * so drain `pull` before the buffer is used again.
   */
  push(now: Millis, datagram: Uint8Array, tag: Tag): void {
    const index = this.#counters.datagramsIn;
    const size = datagram.length;
    const verdict = this.#judge.judge(now, index, size, this.#isFull(size));
    this.#onVerdict?.(index, size, verdict);
    this.#counters.datagramsIn += 1;
    this.#counters.bytesIn += size;
    if (verdict.copies.length === 0) this.#counters.lost[verdict.cause ?? 'loss'] += 1;
    else this.#counters.duplicated += verdict.copies.length - 1;
    for (const [position, copy] of verdict.copies.entries()) {
      const isDuplicate = position > 0;
      const bytes = this.#prepare(datagram, copy, isDuplicate);
      this.#heldBytes += bytes.length;
      this.#queue.push(now + copy.delay, { bytes, tag, index, isDuplicate });
    }
  }

  /** The next datagram due by `now`, or undefined. */
  pull(now: Millis): Delivery<Tag> | undefined {
    const held = this.#queue.popDue(now);
    if (held === undefined) return undefined;
    const { bytes, tag, index, isDuplicate } = held;
    this.#heldBytes -= bytes.length;
    this.#counters.datagramsDelivered += 1;
    this.#counters.bytesDelivered += bytes.length;
    if (index < this.#lastDelivered && !isDuplicate) this.#counters.reordered += 1;
    this.#lastDelivered = Math.max(this.#lastDelivered, index);
    return { bytes, tag };
  }

  /** When the next datagram comes out: a deadline, which may have passed; undefined if nothing is held. */
  pollTimeout(): Millis | undefined {
    return this.#queue.nextDue();
  }

  #isFull(size: Bytes): boolean {
    return this.#queue.size + MAX_COPIES > MAX_HELD_DATAGRAMS || this.#heldBytes + MAX_COPIES * size > MAX_HELD_BYTES;
  }

  #prepare(datagram: Uint8Array, copy: Copy, isDuplicate: boolean): Uint8Array {
    const kept = Math.min(copy.cut ?? datagram.length, datagram.length);
    const flips = copy.flips?.filter((bit) => bit < kept * 8) ?? [];
    if (kept < datagram.length) this.#counters.truncated += 1;
    if (flips.length > 0) this.#counters.corrupted += 1;
    if (kept < datagram.length || flips.length > 0) return damage(datagram, kept, flips);
    // Not slice(): of a Node Buffer that is a view.
    return copy.delay > 0 || isDuplicate ? new Uint8Array(datagram) : datagram;
  }
}
