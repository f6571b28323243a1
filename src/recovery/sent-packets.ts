import { RangeSet } from '../base/range-set.ts';
import type { Bytes, Millis, PacketNumber } from '../base/units.ts';
import { PacketRecord, type SentContent, type SentPacket } from './sent-packet.ts';

/** So many of the newest are remembered: numbers are skipped so rarely that fewer lie between packets in flight. */
const MAX_SKIPPED = 32;

/**
 * The ack-eliciting packets that were sent and are not settled, by number. Ranges of settled numbers are skipped in one
 * step, so an ACK costs what it newly says, not what is in flight.
 */
export class SentPackets {
  /** Slot i holds packet #base + i; undefined: nothing to track under that number. */
  #slots: (PacketRecord | undefined)[] = [];
  /** Records of packets that were forgotten. */
  readonly #spare: PacketRecord[] = [];
  #head = 0;
  #base: PacketNumber;
  readonly #acked = new RangeSet();
  /** Acked or lost. */
  readonly #settled = new RangeSet();
  /** No packet ever had these numbers. */
  readonly #skipped = new RangeSet();
  #bytesInFlight: Bytes = 0;
  #packetsInFlight = 0;
  #dataInFlight = 0;

  constructor(firstNumber: PacketNumber) {
    this.#base = firstNumber;
  }

  get bytesInFlight(): Bytes {
    return this.#bytesInFlight;
  }

  get packetsInFlight(): number {
    return this.#packetsInFlight;
  }

  /** Packets in flight that carry DATA: what an ARQ window counts. */
  get dataInFlight(): number {
    return this.#dataInFlight;
  }

  /** One past the newest number. */
  get nextNumber(): PacketNumber {
    return this.#base + this.#slots.length - this.#head;
  }

  /** A packet that asks for no ACK was sent: an ACK may name it, and nothing comes of that. */
  addUntracked(number: PacketNumber): void {
    this.#skipTo(number);
    this.#pass(number);
  }

  /** Tracks a packet that was sent. Numbers between the one before and this were skipped. */
  add(number: PacketNumber, sentAt: Millis, size: Bytes, content: SentContent): PacketRecord {
    this.#skipTo(number);
    const packet = this.#spare.pop() ?? new PacketRecord();
    packet.begin(number, sentAt, size, content);
    this.#slots.push(packet);
    this.#bytesInFlight += size;
    this.#packetsInFlight++;
    if (content.data !== undefined) this.#dataInFlight++;
    return packet;
  }

  get(number: PacketNumber): SentPacket | undefined {
    return number < this.#base ? undefined : this.#slots[this.#head + number - this.#base];
  }

  /** Whether a number of start..end-1 was skipped: nobody has received that packet. Of the newest ones alone. */
  skippedAny(start: PacketNumber, end: PacketNumber): boolean {
    return this.#skipped.nextMember(start) < end;
  }

  /** By how many packets `newer` was sent after `older`: their numbers differ by that, and by those that were skipped. */
  distance(older: PacketNumber, newer: PacketNumber): number {
    const skipped = this.#skipped;
    let distance = newer - older;
    for (let hole = skipped.nextMember(older); hole < newer; hole = skipped.nextMember(hole + 1)) distance--;
    return distance;
  }

  /** Marks start..end-1 as acknowledged; visits those that were not before (lost ones too), in ascending order. */
  acknowledge(start: PacketNumber, end: PacketNumber, visit: (packet: SentPacket) => void): void {
    const from = Math.max(start, this.#base);
    if (from >= end) return;
    const acked = this.#acked;
    for (let number = acked.nextGap(from); number < end; number = acked.nextGap(number)) {
      for (const gapEnd = Math.min(end, acked.nextMember(number)); number < gapEnd; number++) {
        const packet = this.get(number);
        if (packet === undefined) continue;
        visit(packet); // sees the state it had: a 'lost' one was lost by mistake
        if (packet.state === 'in-flight') this.#land(packet);
        packet.state = 'acked';
      }
    }
    acked.add(from, end);
    this.#settled.add(from, end);
  }

  /** Marks one packet in flight as lost: it no longer counts, but a late ACK of it is still understood. */
  lose(packet: SentPacket): void {
    if (packet.state !== 'in-flight') return;
    packet.state = 'lost';
    this.#settled.add(packet.number, packet.number + 1);
    this.#land(packet);
  }

  /** Packets in flight with numbers below `end`, ascending. */
  inFlight(end: PacketNumber = this.nextNumber): SentPacket[] {
    const result: SentPacket[] = [];
    const settled = this.#settled;
    for (let number = settled.nextGap(this.#base); number < end; number = settled.nextGap(number)) {
      for (const gapEnd = Math.min(end, settled.nextMember(number)); number < gapEnd; number++) {
        const packet = this.get(number);
        if (packet !== undefined) result.push(packet);
      }
    }
    return result;
  }

  /** Whether a packet numbered start..end-1 was acknowledged. */
  anyAcked(start: PacketNumber, end: PacketNumber): boolean {
    for (let number = start; number < end; number++) if (this.get(number)?.state === 'acked') return true;
    return false;
  }

  /** The packet in flight that was sent first. */
  get oldest(): SentPacket | undefined {
    return this.#packetsInFlight === 0 ? undefined : this.get(this.#settled.nextGap(this.#base));
  }

  /** Forgets settled packets at the old end: acked ones, and lost ones sent before `lostBefore`. */
  prune(lostBefore: Millis): void {
    while (this.#head < this.#slots.length) {
      const packet = this.#slots[this.#head];
      if (packet?.state === 'in-flight' || (packet?.state === 'lost' && packet.sentAt >= lostBefore)) break;
      if (packet !== undefined) this.#spare.push(packet);
      this.#slots[this.#head++] = undefined;
      this.#base++;
    }
    this.#acked.removeBelow(this.#base);
    this.#settled.removeBelow(this.#base);
    if (this.#head > 1024 && this.#head * 2 > this.#slots.length) {
      this.#slots = this.#slots.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Numbers up to `number` were given to no packet. */
  #skipTo(number: PacketNumber): void {
    for (let hole = this.nextNumber; hole < number; hole++) {
      this.#pass(hole);
      this.#skipped.add(hole, hole + 1);
      if (this.#skipped.size > MAX_SKIPPED) this.#skipped.removeBelow((this.#skipped.first ?? 0) + 1);
    }
  }

  /** Takes the next number without tracking anything under it. */
  #pass(number: PacketNumber): void {
    if (this.#slots.length === this.#head) {
      this.#base++;
      return;
    }
    this.#slots.push(undefined);
    this.#acked.add(number, number + 1);
    this.#settled.add(number, number + 1);
  }

  #land(packet: SentPacket): void {
    this.#bytesInFlight -= packet.size;
    this.#packetsInFlight--;
    if (packet.data !== undefined) this.#dataInFlight--;
  }
}
