import type { Bytes, PacketNumber } from '../base/units.ts';
import type { SentPacket } from '../recovery/sent-packet.ts';
import { BASE } from './probe-sizes.ts';

/** Flights of large packets that vanish one after the other: one alone is a burst of losses or a path that was down. */
const FLIGHTS = 2;

/** Notices that a path no longer carries large packets, from the fate of those with DATA (RFC 8899 section 4.3). */
export class BlackHole {
  /** A large packet from before this one arrived, or is no longer asked for. */
  #provenBefore: PacketNumber = 0;
  /** The smallest size that vanished since a large packet last arrived. */
  #suspect: Bytes = 0;
  #flights = 0;
  /** Packets from this one on were sent after the last flight was missed. */
  #flightEnd: PacketNumber = 0;

  /** A packet arrived: proof for its size and all below. */
  onAcked({ number, size }: Pick<SentPacket, 'number' | 'size'>): void {
    if (size <= BASE || size < this.#suspect) return;
    this.#provenBefore = Math.max(this.#provenBefore, number);
    this.#suspect = 0;
    this.#flights = 0;
  }

  /** A packet is lost, the next will have number `next`. Returns whether large ones are swallowed. */
  onLost({ number, size }: Pick<SentPacket, 'number' | 'size'>, next: PacketNumber): boolean {
    if (size <= BASE || number < this.#provenBefore) return false;
    this.#suspect = this.#suspect === 0 ? size : Math.min(this.#suspect, size);
    if (number < this.#flightEnd) return false;
    this.#flightEnd = next;
    this.#flights++;
    return this.#flights >= FLIGHTS;
  }

  /** What was sent before packet `next` tells nothing any more. */
  restart(next: PacketNumber): void {
    this.#provenBefore = next;
    this.#flightEnd = next;
    this.#suspect = 0;
    this.#flights = 0;
  }
}
