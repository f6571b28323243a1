import type { Millis, PacketNumber, StreamOffset } from '../base/units.ts';

/** ACKs in a row that do not advance the cumulative offset: what go-back-N goes back on (RFC 5681 section 3.2). */
export class DuplicateAcks {
  #count = 0;
  #cumulative: StreamOffset = 0;
  /** The newest packet that an ACK came in: an older one that comes late is no duplicate. */
  #newestPacket: PacketNumber = -1;

  get count(): number {
    return this.#count;
  }

  /**
   * An ACK came in packet `number`; `isNews`: it names something for the first time. `oldestSentAt` is of the oldest
   * packet in flight; undefined: there is none.
   */
  onAck(
    now: Millis,
    number: PacketNumber,
    cumulative: StreamOffset,
    isNews: boolean,
    oldestSentAt: Millis | undefined,
    roundTrip: Millis,
  ): void {
    const isNewest = number > this.#newestPacket;
    if (isNewest) this.#newestPacket = number;
    if (cumulative > this.#cumulative) {
      this.#cumulative = cumulative;
      this.#count = 0;
      return;
    }
    // An ACK that names something new says that it arrived, not that something did not: so do those of needless copies.
    if (isNews) return;
    // An ACK that comes sooner than a round trip after the oldest packet left cannot be about that packet.
    if (isNewest && oldestSentAt !== undefined && now - oldestSentAt >= roundTrip) this.#count++;
  }

  /** What they told has been acted on. */
  reset(): void {
    this.#count = 0;
  }
}
