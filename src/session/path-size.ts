import type { Bytes, Millis, PacketNumber } from '../base/units.ts';
import type { SentPacket } from '../recovery/sent-packet.ts';
import type { Ack } from '../wire/ack-frame.ts';
import { BlackHole } from './black-hole.ts';
import { BASE, probeSizes } from './probe-sizes.ts';
import { triesAgainstLoss } from './tries.ts';

/** Less than this left to send is not worth a search. */
const BULK: Bytes = 8 * BASE;
/** Between probes of the same size: PROBE_TIMER of RFC 8899 section 5.1.1 is no shorter. */
const RETRY_AFTER: Millis = 1000;
/** PMTU_RAISE_TIMER (RFC 8899 section 5.1.1): paths change. */
const RAISE_AFTER: Millis = 600_000;
const NEVER: Millis = Number.POSITIVE_INFINITY;
/** How long a search waits after the path swallowed what an earlier one had found, doubled each time. */
const FIRST_HOLD_OFF: Millis = 1000;
const MAX_HOLD_OFF: Millis = 60_000;
/** A datagram cut for this much less is still full: room kept for a longer tag. */
const FULL_SLACK: Bytes = 16;

interface Candidate {
  readonly size: Bytes;
  tries: number;
  notBefore: Millis;
}

/**
 * How large a datagram the path is known to carry, found by probes (RFC 8899, DPLPMTUD): from the base upward, the
 * largest first, one probe at a time; back to the base when large ones vanish. Asks for probes only while there is bulk to send.
 */
export class PathSize {
  #current: Bytes = BASE;
  /** Largest first. */
  #candidates: readonly Candidate[];
  #probe: { readonly number: PacketNumber; readonly size: Bytes; readonly sentAt: Millis } | undefined;
  #searchAt: Millis = 0;
  /** Every size was tried; from then on all of them may be again. */
  #raiseAt: Millis = NEVER;
  #holdOff: Millis = 0;
  /** The path was lost: no search before it is heard of again. */
  #awaitsAck = false;
  readonly #blackHole = new BlackHole();

  /** `limit`: never a datagram above this, not even a probe. */
  constructor(limit: Bytes) {
    this.#candidates = probeSizes(limit).map((size) => ({ size, tries: 0, notBefore: 0 }));
  }

  /** The largest datagram to send, probes aside. */
  get current(): Bytes {
    return this.#current;
  }

  /**
   * The size of a probe that should go now; undefined: none. `left` is what there is to send. Each size is tried as often
   * as makes sure that one probe arrives at this loss rate: three times (MAX_PROBES, RFC 8899 section 5.1.2) or more.
   */
  nextProbe(now: Millis, left: Bytes, lossRate: number): Bytes | undefined {
    if (now < this.#searchAt || this.#probe !== undefined || this.#awaitsAck || left < BULK) return undefined;
    if (now >= this.#raiseAt) this.#refill();
    const tries = triesAgainstLoss(lossRate);
    let next = NEVER;
    for (const candidate of this.#candidates) {
      if (candidate.size <= this.#current) break;
      if (candidate.tries >= tries) continue;
      if (candidate.notBefore <= now && candidate.size <= left) return candidate.size;
      next = Math.min(next, Math.max(now, candidate.notBefore));
    }
    if (next === NEVER) {
      if (this.#raiseAt === NEVER) this.#raiseAt = now + RAISE_AFTER;
      next = this.#raiseAt;
    }
    this.#searchAt = next;
    return undefined;
  }

  onProbeSent(now: Millis, number: PacketNumber, size: Bytes): void {
    this.#probe = { number, size, sentAt: now };
    const candidate = this.#candidates.find((other) => other.size === size);
    if (candidate === undefined) return;
    candidate.tries++;
    candidate.notBefore = now + RETRY_AFTER;
  }

  /** An ACK came. A probe is lost when a later packet arrived and `patience` has passed: that is no sign of congestion. */
  handleAck(now: Millis, { largest, ranges }: Pick<Ack, 'largest' | 'ranges'>, patience: Millis): void {
    if (this.#awaitsAck) {
      this.#awaitsAck = false;
      this.#searchAt = now + this.#holdOff;
      this.#holdOff = Math.min(MAX_HOLD_OFF, Math.max(FIRST_HOLD_OFF, 2 * this.#holdOff));
    }
    if (this.#probe === undefined) return;
    const { number, size, sentAt } = this.#probe;
    if (ranges.some(({ start, end }) => start <= number && number < end)) {
      this.#current = Math.max(this.#current, size);
      this.#probe = undefined;
      this.#searchAt = now;
    } else if (largest > number && now - sentAt > patience) {
      this.#probe = undefined;
      this.#searchAt = now;
    }
  }

  /** A packet with DATA arrived. */
  onAcked(packet: Pick<SentPacket, 'number' | 'size'>): void {
    this.#blackHole.onAcked(packet);
    if (this.#current > BASE && packet.size + FULL_SLACK >= this.#current) this.#holdOff = 0;
  }

  /** A packet with DATA was declared lost; the next will have number `next`. */
  onLost(packet: Pick<SentPacket, 'number' | 'size'>, next: PacketNumber): void {
    if (this.#current > BASE && this.#blackHole.onLost(packet, next)) this.#fall(next);
  }

  /** The system says that a datagram was too large for the path: never that size again. The next will have number `next`. */
  onTooBig(now: Millis, next: PacketNumber): void {
    const tooBig = this.#probe?.size ?? this.#current;
    if (tooBig <= BASE) return;
    this.#candidates = this.#candidates.filter(({ size }) => size < tooBig);
    if (this.#probe === undefined) this.#fall(next);
    this.#probe = undefined;
    this.#awaitsAck = false;
    this.#searchAt = now;
  }

  /** Another path, of which nothing is known. The next packet will have number `next`. */
  reset(next: PacketNumber): void {
    this.#fall(next);
    this.#refill();
    this.#awaitsAck = false;
    this.#holdOff = 0;
  }

  /** Back to the base. What was tried in vain above the size that held until now stays so. */
  #fall(next: PacketNumber): void {
    this.#refill(this.#current);
    this.#current = BASE;
    this.#probe = undefined;
    this.#awaitsAck = true;
    this.#searchAt = 0;
    this.#blackHole.restart(next);
  }

  /** Every size up to `most` may be tried anew; all of them unless it is given. */
  #refill(most?: Bytes): void {
    if (most === undefined) this.#raiseAt = NEVER;
    for (const candidate of this.#candidates) {
      if (most !== undefined && candidate.size > most) continue;
      candidate.tries = 0;
      candidate.notBefore = 0;
    }
  }
}
