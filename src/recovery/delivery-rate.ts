import type { Bytes, BytesPerMilli, Millis, PacketNumber } from '../base/units.ts';

/** What was known about the path when a packet left; what came of it is measured against that. */
export interface DeliverySnapshot {
  /** Everything delivered so far. */
  readonly delivered: Bytes;
  readonly deliveredAt: Millis;
  /** When the packet left that was delivered last. */
  readonly firstSentAt: Millis;
  /** Everything declared lost so far. */
  readonly lost: Bytes;
  /** This packet included. */
  readonly inFlight: Bytes;
  readonly appLimited: boolean;
  readonly late: boolean;
}

/** The same while it is written. */
type Snapshot = { -readonly [Field in keyof DeliverySnapshot]: DeliverySnapshot[Field] };

/** Before anything was measured. */
export function emptySnapshot(): Snapshot {
  return { delivered: 0, deliveredAt: 0, firstSentAt: 0, lost: 0, inFlight: 0, appLimited: false, late: false };
}

/** What one ACK tells about the path, from the newest packet that it acknowledged. */
export interface RateSample {
  /** Delivered per time; undefined: over too short a span to be believed. */
  readonly rate: BytesPerMilli | undefined;
  /** Delivered between that packet's departure and now. */
  readonly delivered: Bytes;
  /** Everything that was delivered when that packet left. */
  readonly priorDelivered: Bytes;
  /** That packet's own round trip, the peer's ACK delay included. */
  readonly rtt: Millis;
  /** Declared lost since that packet left. */
  readonly lost: Bytes;
  /** In flight when that packet left, itself included. */
  readonly inFlight: Bytes;
  /** There was not more to send then: the path was not the limit. */
  readonly appLimited: boolean;
  /** The sender's machine was busy then: the path may not have been the limit. */
  readonly late: boolean;
}

/** The parts of a packet that are looked at here. */
interface Measured {
  readonly number: PacketNumber;
  readonly sentAt: Millis;
  readonly size: Bytes;
  readonly delivery: DeliverySnapshot;
}

/** How fast the path delivers (draft-ietf-ccwg-bbr, section "Delivery Rate Samples"). */
export class DeliveryRate {
  #delivered: Bytes = 0;
  #lost: Bytes = 0;
  #deliveredAt: Millis = 0;
  #firstSentAt: Millis = 0;
  /** Samples are limited by the sender until more than this was delivered. */
  #limitedUntil: Bytes = -1;
  /** The same for samples that a busy machine held back. */
  #lateUntil: Bytes = -1;
  #isFresh = true;
  /** The newest packet acknowledged since the last sample. */
  #newest: Measured | undefined;

  /** Everything delivered so far. */
  get delivered(): Bytes {
    return this.#delivered;
  }

  /** Everything declared lost so far and not taken back. */
  get lost(): Bytes {
    return this.#lost;
  }

  /** The packets in flight now were held back by the sender, not by the path. */
  get isLimited(): boolean {
    return this.#limitedUntil >= 0;
  }

  /**
   * A packet leaves; `inFlight` does not count it yet. Without DATA it is as small as it has to be, whatever the path could
   * take. Writes the snapshot that goes with the packet.
   */
  onSent(now: Millis, size: Bytes, inFlight: Bytes, snapshot: Snapshot, hasData = true): void {
    if (inFlight === 0 || this.#isFresh) {
      this.#firstSentAt = now;
      this.#deliveredAt = now;
      this.#isFresh = false;
    }
    snapshot.delivered = this.#delivered;
    snapshot.deliveredAt = this.#deliveredAt;
    snapshot.firstSentAt = this.#firstSentAt;
    snapshot.lost = this.#lost;
    snapshot.inFlight = inFlight + size;
    snapshot.appLimited = this.isLimited || !hasData;
    snapshot.late = this.#lateUntil >= 0;
  }

  /** A packet was acknowledged for the first time, be it after it had been declared lost. */
  onAcked(now: Millis, packet: Measured, wasLost: boolean): void {
    this.#delivered += packet.size;
    this.#deliveredAt = now;
    if (wasLost) this.#lost -= packet.size;
    if (this.#newest === undefined || packet.number > this.#newest.number) this.#newest = packet;
  }

  onLost(size: Bytes): void {
    this.#lost += size;
  }

  /** What is in flight now is all there was to send: it says nothing about what the path could take. */
  markLimited(inFlight: Bytes): void {
    this.#limitedUntil = this.#delivered + inFlight;
  }

  /** What is in flight now left later than it might have. */
  markLate(inFlight: Bytes): void {
    this.#lateUntil = this.#delivered + inFlight;
  }

  /** After the packets of one ACK: what they tell; undefined: no packet was acknowledged since the last sample. */
  takeSample(now: Millis, minRtt: Millis): RateSample | undefined {
    if (this.#limitedUntil >= 0 && this.#delivered > this.#limitedUntil) this.#limitedUntil = -1;
    if (this.#lateUntil >= 0 && this.#delivered > this.#lateUntil) this.#lateUntil = -1;
    if (this.#newest === undefined) return undefined;
    const { sentAt, delivery } = this.#newest;
    this.#newest = undefined;
    const sendElapsed = sentAt - delivery.firstSentAt;
    const ackElapsed = now - delivery.deliveredAt;
    // An ACK older than the newest one must not move the start of the next interval back.
    this.#firstSentAt = Math.max(this.#firstSentAt, sentAt);
    // The slower of both: ACKs that were held up and come in a bunch would show a rate that never was.
    const interval = Math.max(sendElapsed, ackElapsed);
    const delivered = this.#delivered - delivery.delivered;
    return {
      rate: interval > 0 && interval >= minRtt ? delivered / interval : undefined,
      delivered,
      priorDelivered: delivery.delivered,
      rtt: now - sentAt,
      lost: Math.max(0, this.#lost - delivery.lost),
      inFlight: delivery.inFlight,
      appLimited: delivery.appLimited,
      late: delivery.late,
    };
  }

  /** Another path: nothing sent before is measured. */
  reset(): void {
    this.#isFresh = true;
    this.#newest = undefined;
    this.#limitedUntil = -1;
    this.#lateUntil = -1;
  }
}
