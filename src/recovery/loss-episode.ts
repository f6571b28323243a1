import type { Millis, PacketNumber } from '../base/units.ts';

/** The parts of a packet that are looked at here. */
interface Lost {
  readonly number: PacketNumber;
  readonly sentAt: Millis;
}

/**
 * The losses that one slowing down answers: everything that had been sent when the first was noticed (the recovery
 * period of RFC 9002 section 7.3.2). If all of them arrive after all, there was nothing to answer.
 */
export class LossEpisode {
  readonly #missing = new Set<PacketNumber>();
  #start: Millis = Number.NEGATIVE_INFINITY;
  #previousStart: Millis = Number.NEGATIVE_INFINITY;

  /** Packets were declared lost. Returns whether another episode began. */
  onLost(now: Millis, packets: readonly Lost[]): boolean {
    const begins = packets.some(({ sentAt }) => sentAt > this.#start);
    if (begins) {
      this.#missing.clear();
      this.#previousStart = this.#start;
      this.#start = now;
    }
    for (const { number } of packets) this.#missing.add(number);
    return begins;
  }

  /** A packet declared lost was acknowledged. Returns whether every loss of the episode has now proven to be none. */
  takeBack(number: PacketNumber): boolean {
    if (!this.#missing.delete(number) || this.#missing.size > 0) return false;
    this.#start = this.#previousStart;
    return true;
  }

  /** The losses were more than an episode (RFC 9002 section 7.6), or the path is another one. */
  end(): void {
    this.#missing.clear();
    this.#start = Number.NEGATIVE_INFINITY;
  }
}
