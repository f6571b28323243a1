import type { Flight } from '../arq/strategy.ts';
import type { Bytes, BytesPerMilli, Millis, PacketNumber } from '../base/units.ts';
import type { CongestionController } from '../congestion/controller.ts';
import type { Ack } from '../wire/ack-frame.ts';
import { MAX_ACK_LATENESS, SUSPENSION } from './constants.ts';
import type { DeliveryRate } from './delivery-rate.ts';
import { DuplicateAcks } from './duplicate-acks.ts';
import { LossEpisode } from './loss-episode.ts';
import { Pacing } from './pacing.ts';
import { isPersistent } from './persistent-congestion.ts';
import { RecoveryTimer, type RecoveryTimerOptions } from './recovery-timer.ts';
import { lossDelay, Reordering } from './reordering.ts';
import type { SentContent, SentPacket } from './sent-packet.ts';
import { SentPackets } from './sent-packets.ts';

/** Is told what became of packets. */
interface PacketFate {
  onAcked(packet: SentPacket): void;
  onLost(packet: SentPacket): void;
}

export interface RecoveryOptions extends RecoveryTimerOptions {
  /** ARQ window, in packets with DATA. */
  readonly window: number;
  readonly controller: CongestionController;
  readonly delivery: DeliveryRate;
  readonly peerMaxAckDelay: Millis;
  /** Never faster than this; undefined: no cap. */
  readonly maxRate: BytesPerMilli | undefined;
  /** Bytes that may leave back to back. */
  readonly minimumBurst: Bytes;
  readonly firstNumber: PacketNumber;
  readonly fate: PacketFate;
}

/** Whether a datagram with DATA may leave: now, at a moment, or only after something was heard. */
export type SendPermission = 'now' | 'blocked' | Millis;

/** The sending half of reliability: what is in flight, what is lost, what may be sent. One strategy decides the differences. */
export class LossRecovery {
  readonly sent: SentPackets;
  readonly #options: RecoveryOptions;
  readonly #pacing: Pacing;
  readonly #episode = new LossEpisode();
  readonly #duplicates = new DuplicateAcks();
  /** What the strategy looks at: one object for all its questions. */
  readonly #flight: { -readonly [Field in keyof Flight]: Flight[Field] };
  readonly #timer: RecoveryTimer;
  #firstSampleAt: Millis | undefined;
  /** Packets from this one on left while neither cwnd nor its pacing held anything back. */
  #limitedFrom: PacketNumber;
  /** Packets before this one were sent on another path, or before the machine slept. */
  #pathStart: PacketNumber;
  /** Packets that were declared lost and then acknowledged. */
  #spuriousLosses = 0;
  #lastCall: Millis = 0;

  constructor(options: RecoveryOptions) {
    this.#options = options;
    this.sent = new SentPackets(options.firstNumber);
    this.#limitedFrom = options.firstNumber;
    this.#pathStart = options.firstNumber;
    this.#pacing = new Pacing(options);
    this.#flight = {
      window: options.window,
      sent: this.sent,
      rtt: options.rtt,
      largestAcked: undefined,
      duplicateAcks: 0,
      lastSentAt: 0,
      lastAckedAt: 0,
      isTail: false,
      peerMaxAckDelay: options.peerMaxAckDelay,
      reordering: new Reordering(),
    };
    this.#timer = new RecoveryTimer(options, this.#flight);
    // A sample of the handshake counts (RFC 9002 section 7.6.2).
    if (options.rtt.latest !== undefined) this.#firstSampleAt = Number.NEGATIVE_INFINITY;
  }

  /** Datagrams that go out beyond window and cwnd, because the timer expired. */
  get probes(): number {
    return this.#timer.probes;
  }

  onProbeSent(): void {
    this.#timer.onProbeSent();
  }

  get spuriousLosses(): number {
    return this.#spuriousLosses;
  }

  /** Three probe timeouts: after that long a late ACK is no longer waited for. */
  get patience(): Millis {
    return 3 * this.#options.rtt.pto(this.#options.peerMaxAckDelay);
  }

  /** May a datagram of this size with DATA leave? Probes are asked for separately. */
  permission(now: Millis, size: Bytes): SendPermission {
    this.#noticeSuspension(now);
    if (this.cwndLeft < size) {
      this.#limitedFrom = this.sent.nextNumber;
      this.#pacing.release();
      return 'blocked';
    }
    if (!this.windowHasRoom) {
      this.onStarved(size);
      return 'blocked';
    }
    const at = this.#pacing.nextAt(now);
    if (this.#pacing.isBehind) this.#options.delivery.markLate(this.sent.bytesInFlight);
    if (at <= now) {
      this.#flight.isTail = false;
      this.#timer.onMore();
      return 'now';
    }
    // A trickle that pacing holds up for a moment does not use the window.
    if (this.#pacing.isHeldBack && this.sent.bytesInFlight > this.cwndLeft) this.#limitedFrom = this.sent.nextNumber;
    return at;
  }

  /** Most bytes that congestion control lets be in flight. */
  get cwnd(): Bytes {
    return this.#options.controller.cwnd;
  }

  /** Bytes that cwnd still lets out. */
  get cwndLeft(): Bytes {
    return this.cwnd - this.sent.bytesInFlight;
  }

  /** The window leaves room for a packet with new DATA: what a probe asks before it sends any. */
  get windowHasRoom(): boolean {
    return this.sent.dataInFlight < this.#options.strategy.windowLimit(this.#options.window);
  }

  /** All that there is to send was sent; `size` as for `onStarved`. */
  onExhausted(size: Bytes): void {
    this.#flight.isTail = true;
    this.onStarved(size);
  }

  /** Nothing but cwnd would keep a datagram of this size back, and it is not there to be sent. */
  onStarved(size: Bytes): void {
    this.#pacing.release();
    if (this.cwndLeft >= size) this.#options.delivery.markLimited(this.sent.bytesInFlight);
  }

  /** A packet left; `content` undefined: it asks for no ACK. */
  onSent(now: Millis, number: PacketNumber, size: Bytes, content: SentContent | undefined): void {
    this.#pacing.onSent(now, size, content !== undefined);
    if (content === undefined) {
      this.sent.addUntracked(number);
      return;
    }
    const inFlight = this.sent.bytesInFlight;
    const packet = this.sent.add(number, now, size, content);
    this.#options.delivery.onSent(now, size, inFlight, packet.delivery, content.data !== undefined);
    this.#flight.reordering.onSent(this.sent.packetsInFlight);
    this.#options.controller.onSent?.(now, packet);
    this.#flight.lastSentAt = now;
  }

  /** A probe of the path's size left: paced, but no part of the windows, and its loss means nothing here. */
  onSizeProbe(now: Millis, number: PacketNumber, size: Bytes): void {
    this.sent.addUntracked(number);
    this.#pacing.onSent(now, size, true);
  }

  /** An ACK frame came in packet `number`. False: it names packets that were never sent. */
  handleAck(now: Millis, number: PacketNumber, ack: Ack): boolean {
    if (!this.#isTrue(ack)) return false;
    this.#noticeSuspension(now);
    const { acked, spurious } = this.#acknowledge(now, ack);
    const sample = this.#options.delivery.takeSample(now, this.#options.rtt.min);
    const isNews = acked.length + spurious.length > 0;
    const { rtt, controller } = this.#options;
    this.#duplicates.onAck(now, number, ack.cumulative, isNews, this.sent.oldest?.sentAt, rtt.current);
    const flight = this.#flight;
    flight.duplicateAcks = this.#duplicates.count;
    if (flight.largestAcked === undefined || ack.largest > flight.largestAcked) flight.largestAcked = ack.largest;
    if (acked.length > 0) {
      this.#timer.onProgress();
      flight.lastAckedAt = now;
    }
    for (const packet of spurious) this.#takeBack(now, packet, ack.largest);
    const lost = this.#timer.detectLost(now);
    const packets = this.#onThisPath(acked);
    if (packets.length > 0 && sample !== undefined) {
      const bytes = packets.reduce((sum, { size }) => sum + size, 0);
      controller.onAck(now, { packets, bytes, bytesInFlight: this.sent.bytesInFlight, sample });
    }
    this.#lose(now, lost);
    this.sent.prune(now - this.patience);
    return true;
  }

  /** When `handleTimeout` has something to do; undefined: nothing is in flight. */
  deadline(): Millis | undefined {
    if (this.sent.packetsInFlight === 0) return undefined;
    return this.#timer.deadline;
  }

  handleTimeout(now: Millis): void {
    this.#noticeSuspension(now);
    const deadline = this.deadline();
    if (deadline === undefined || deadline > now) return;
    this.#lose(now, this.#timer.expire(now));
  }

  /** Another path: its delay and capacity are unknown. What is in flight stays so. */
  resetPath(): void {
    this.#options.rtt.reset();
    this.#options.delivery.reset();
    this.#options.controller.reset();
    this.#flight.reordering = new Reordering();
    this.#episode.end();
    this.#pathStart = this.sent.nextNumber;
    this.#firstSampleAt = undefined;
    this.#timer.resetPath();
  }

  /** The machine slept through a deadline: what was in flight then measures the sleep, and the path may have changed. */
  #noticeSuspension(now: Millis): void {
    const slept = now - this.#lastCall > SUSPENSION && now - (this.deadline() ?? now) > SUSPENSION;
    this.#lastCall = now;
    if (!slept) return;
    this.#options.delivery.reset();
    this.#options.controller.onSuspension?.(now);
    this.#episode.end();
    this.#pathStart = this.sent.nextNumber;
    this.#firstSampleAt = undefined;
  }

  /** Every packet that an ACK names was sent. */
  #isTrue({ largest, ranges }: Ack): boolean {
    const oldest = ranges.at(-1);
    if (oldest === undefined || largest >= this.sent.nextNumber) return false;
    if (oldest.start < this.#options.firstNumber) return false;
    for (const { start, end } of ranges) if (this.sent.skippedAny(start, end)) return false;
    return true;
  }

  /** The packets that an ACK names for the first time: those in flight, and those that had been declared lost. */
  #acknowledge(now: Millis, ack: Ack): { readonly acked: SentPacket[]; readonly spurious: SentPacket[] } {
    const acked: SentPacket[] = [];
    const spurious: SentPacket[] = [];
    const visit = (packet: SentPacket): void => {
      packet.appLimited = packet.number >= this.#limitedFrom;
      const wasLost = packet.state === 'lost';
      (wasLost ? spurious : acked).push(packet);
      if (packet.number >= this.#pathStart) this.#options.delivery.onAcked(now, packet, wasLost);
      if (packet.number === ack.largest) this.#sampleRtt(now, packet, ack.ackDelay);
      this.#options.fate.onAcked(packet);
    };
    for (let i = ack.ranges.length - 1; i >= 0; i--) {
      const { start, end } = ack.ranges[i] as { start: PacketNumber; end: PacketNumber };
      this.sent.acknowledge(start, end, visit);
    }
    return { acked, spurious };
  }

  /** A packet was declared lost by mistake. */
  #takeBack(now: Millis, { number, sentAt }: SentPacket, largest: PacketNumber): void {
    this.#spuriousLosses++;
    if (number < this.#pathStart) return;
    this.#flight.reordering.onSpurious(
      now,
      this.sent.distance(number, largest),
      now - sentAt,
      lossDelay(this.#options.rtt, this.#flight.reordering),
    );
    if (this.#episode.takeBack(number)) this.#options.controller.onSpuriousLosses?.();
  }

  /** Of packets in ascending order: those sent on another path tell nothing about this one (RFC 9000 section 9.4). */
  #onThisPath(packets: readonly SentPacket[]): readonly SentPacket[] {
    const [oldest] = packets;
    if (oldest === undefined || oldest.number >= this.#pathStart) return packets;
    return packets.filter(({ number }) => number >= this.#pathStart);
  }

  #sampleRtt(now: Millis, { number, sentAt }: SentPacket, ackDelay: Millis): void {
    if (number < this.#pathStart) return;
    const { rtt, peerMaxAckDelay } = this.#options;
    const elapsed = now - sentAt;
    // Far later than promised by its own account: it repeats an ACK that was lost, and says nothing about the path.
    if (ackDelay <= elapsed && ackDelay > peerMaxAckDelay + MAX_ACK_LATENESS) return;
    rtt.sample(elapsed, Math.min(ackDelay, peerMaxAckDelay));
    this.#firstSampleAt ??= now;
  }

  #lose(now: Millis, lost: readonly SentPacket[]): void {
    if (lost.length === 0) return;
    const { rtt, peerMaxAckDelay } = this.#options;
    const persistent = isPersistent(lost, this.sent, this.#firstSampleAt, rtt.pto(peerMaxAckDelay));
    if (persistent) rtt.restartMin();
    for (const packet of lost) {
      this.sent.lose(packet);
      this.#options.fate.onLost(packet);
    }
    this.#duplicates.reset();
    this.#flight.duplicateAcks = 0;
    const packets = this.#onThisPath(lost);
    if (packets.length === 0) return;
    for (const { size } of packets) this.#options.delivery.onLost(size);
    if (this.#episode.onLost(now, packets)) this.#flight.reordering.onEpisode();
    if (persistent) this.#episode.end();
    this.#options.controller.onLoss(now, packets, persistent);
  }
}
