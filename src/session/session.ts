import { ARQ_STRATEGIES } from '../arq/registry.ts';
import type { Prng } from '../base/prng.ts';
import type { Bytes, Millis, PacketNumber, StreamOffset } from '../base/units.ts';
import { CONTROLLERS } from '../congestion/registry.ts';
import { AckTracker } from '../recovery/ack-tracker.ts';
import { LossRecovery, type PacketFate } from '../recovery/loss-recovery.ts';
import { ReplayWindow } from '../recovery/replay-window.ts';
import { RttEstimator } from '../recovery/rtt-estimator.ts';
import type { SentPacket } from '../recovery/sent-packets.ts';
import type { ByteStream } from '../transfer/stream.ts';
import type { Ack } from '../wire/ack-frame.ts';
import { CLOSE_CODE } from '../wire/close-codes.ts';
import type { Data } from '../wire/data-frame.ts';
import { decodeFrames, type Frame, isAckEliciting } from '../wire/frames.ts';
import { MAX_PACKET_NUMBER } from '../wire/limits.ts';
import { PROTECTED, type ProtectedPacket, TAG_RESERVE } from '../wire/protected-header.ts';
import type { PacketProtection } from '../wire/protection.ts';
import { Closing, closeCopies } from './closing.ts';
import { earliest } from './endpoint.ts';
import { Liveness } from './liveness.ts';
import { PacketWriter } from './packet-writer.ts';
import { Path } from './path.ts';
import { drawFirstNumber } from './ports.ts';
import { ReceiveStream } from './receive-stream.ts';
import { type Piece, SendStream } from './send-stream.ts';
import type { SessionTerms } from './session-terms.ts';
import { emptyStats, type SessionStats } from './stats.ts';

/** Why a session is over. `code` and `reason` are the CLOSE frame's, own or the peer's. */
export interface SessionEnd {
  readonly by: 'local' | 'peer' | 'silence';
  readonly code: number;
  /** UTF-8, not validated where it came from the peer. */
  readonly reason: Uint8Array;
}

/** Bytes written ahead of what the window lets out. */
const SEND_BUFFER: Bytes = 8 * 1024 * 1024;
const NO_REASON = new Uint8Array(0);

/**
 * One established session: two reliable byte streams over datagrams. Without I/O: `handleDatagram`, `handleTimeout`,
 * `pollTransmit`, `pollTimeout` and the stream's verbs are all there is, and every one that needs the time is told it.
 */
export class Session implements ByteStream {
  readonly terms: SessionTerms;
  readonly stats: SessionStats = emptyStats();
  readonly rtt: RttEstimator;
  readonly #prng: Prng;
  readonly #protection: PacketProtection;
  readonly #path: Path;
  readonly #liveness: Liveness;
  readonly #recovery: LossRecovery;
  readonly #acks: AckTracker;
  readonly #replay = new ReplayWindow();
  readonly #send = new SendStream();
  readonly #receive: ReceiveStream;
  #nextNumber: PacketNumber;
  #largestReceived: PacketNumber = -1;
  #peerCredit: StreamOffset;
  #creditDue: StreamOffset | undefined;
  #challengeDue = false;
  #responseDue: Uint8Array | undefined;
  /** The newest challenge's token, for a response that was lost. */
  #response: Uint8Array | undefined;
  #pingDue = false;
  /** Pacing lets the next datagram with DATA out at this moment. */
  #pacedUntil: Millis | undefined;
  #closing: Closing | undefined;
  #end: SessionEnd | undefined;
  #confirmed = false;

  constructor(
    now: Millis,
    terms: SessionTerms,
    peer: string,
    prng: Prng,
    protection: PacketProtection,
    rtt = new RttEstimator(),
  ) {
    const strategy = ARQ_STRATEGIES[terms.arq];
    const { maxDatagram } = terms;
    this.terms = terms;
    this.#pingDue = terms.role === 'initiator'; // the acceptor waits for proof that its ACCEPT arrived
    this.rtt = rtt;
    this.#prng = prng;
    this.#protection = protection;
    this.#path = new Path(peer);
    this.#liveness = new Liveness(now, terms.idleTimeout);
    this.#nextNumber = drawFirstNumber(prng);
    this.#receive = new ReceiveStream(terms.receiveCredit, strategy.keepsOutOfOrder);
    this.#peerCredit = terms.sendCredit;
    this.#acks = new AckTracker(strategy.acknowledgesEach ? 1 : terms.ackEvery, terms.maxAckDelay);
    const fate: PacketFate = { onAcked: (packet) => this.#onAcked(packet), onLost: (packet) => this.#onLost(packet) };
    this.#recovery = new LossRecovery({
      strategy,
      window: terms.window,
      controller: CONTROLLERS[terms.congestion]({ maxDatagram, rtt }),
      rtt,
      peerMaxAckDelay: strategy.acknowledgesEach ? 0 : terms.peerMaxAckDelay,
      backoffFactor: terms.backoffFactor,
      maxRate: terms.maxRate,
      minimumBurst: terms.minimumBurst ?? 10 * maxDatagram,
      firstNumber: this.#nextNumber,
      fate,
    });
  }

  /** The peer's address now. */
  get peer(): string {
    return this.#path.address;
  }

  /** A packet of the peer has proven that it shares this session. */
  get confirmed(): boolean {
    return this.#confirmed;
  }

  /** Set once the session is over for its user; `isGone` tells when it may be forgotten. */
  get end(): SessionEnd | undefined {
    return this.#end;
  }

  /** Everything that had to be said about the end has been said. */
  get farewellSaid(): boolean {
    return this.#end !== undefined && (this.#closing === undefined || this.#closing.said);
  }

  isGone(now: Millis): boolean {
    return this.#end !== undefined && (this.#closing === undefined || this.#closing.isOver(now));
  }

  get bytesInFlight(): Bytes {
    return this.#recovery.sent.bytesInFlight;
  }

  /** Bytes written that the peer has not acknowledged. */
  get unacknowledged(): Bytes {
    return this.#send.buffered;
  }

  get packetsInFlight(): number {
    return this.#recovery.sent.dataInFlight;
  }

  // --- the streams -------------------------------------------------------------------------------------------------

  writable(): Bytes {
    return this.#end === undefined ? SEND_BUFFER - this.#send.buffered : 0;
  }

  write(bytes: Uint8Array): void {
    if (this.#end === undefined) this.#send.write(bytes);
  }

  finish(): void {
    this.#send.finish();
  }

  read(): Uint8Array | undefined {
    return this.#receive.read();
  }

  get readFinished(): boolean {
    return this.#receive.readFinished;
  }

  /** Everything written, and the stream's end, was acknowledged. */
  get writeFinished(): boolean {
    return this.#send.complete;
  }

  consumed(count: Bytes): void {
    this.#receive.consumed(count);
    this.#creditDue = this.#receive.pollCredit() ?? this.#creditDue;
  }

  /** Ends the session at once. The first call counts. */
  close(now: Millis, code: number, reason: Uint8Array = NO_REASON): void {
    if (this.#end !== undefined) return;
    this.#end = { by: 'local', code, reason };
    const spacing = Math.min(100, Math.max(5, this.rtt.srtt / 2));
    const copies = closeCopies(this.stats.packetsLost / Math.max(1, this.stats.datagramsSent));
    this.#closing = new Closing(now, code, reason, copies, spacing, this.#recovery.patience);
  }

  // --- datagrams ---------------------------------------------------------------------------------------------------

  /** A protected packet with this session's connection id. The datagram may be overwritten. */
  handlePacket(now: Millis, packet: ProtectedPacket, datagram: Uint8Array, from: string): void {
    this.stats.datagramsReceived++;
    this.stats.bytesReceived += datagram.length;
    const { packetNumber } = packet;
    const end = this.#protection.open(datagram, packetNumber);
    const frames = end === undefined ? undefined : decodeFrames(datagram, PROTECTED.frames, end);
    if (frames === undefined || !Array.isArray(frames)) {
      this.stats.damaged++;
      // Under a key nonsense is the peer's own doing; a checksum may have missed damage (PROTOCOL.md, "Bad input").
      if (frames !== undefined && this.#protection.name !== 'plain') this.close(now, CLOSE_CODE.protocol);
      return;
    }
    if (this.#end !== undefined) {
      if (frames.some((frame) => frame.kind === 'close')) this.#closing = undefined;
      this.#closing?.onPacket();
      return;
    }
    this.#confirmed = true;
    this.#liveness.onHeard(now);
    if (!this.#replay.isNew(packetNumber)) {
      this.stats.duplicates++;
      if (frames.some(isAckEliciting)) this.#acks.onRejected(now); // our ACK may have been lost
      return;
    }
    this.#followPath(now, packetNumber, datagram.length, from);
    this.#handleFrames(now, packetNumber, frames);
  }

  handleTimeout(now: Millis): void {
    if (this.#end !== undefined) return;
    if (this.#liveness.isDead(now)) {
      this.#end = { by: 'silence', code: CLOSE_CODE.noError, reason: NO_REASON };
      return;
    }
    this.#path.handleTimeout(now);
    this.#recovery.handleTimeout(now);
    if (this.#liveness.pollKeepAlive(now)) this.#pingDue = true;
  }

  /** Writes one datagram to `out`; returns its length, 0: nothing to send now. */
  pollTransmit(now: Millis, out: Uint8Array): Bytes {
    if (this.#end !== undefined) return this.#transmitClose(now, out);
    if (this.#nextNumber >= MAX_PACKET_NUMBER) this.close(now, CLOSE_CODE.limit);
    const size = this.terms.maxDatagram;
    if (!this.#path.allows(size)) return 0;
    const isProbe = this.#recovery.probes > 0;
    const sendsData = !isProbe && this.#mayData(now, size);
    const control =
      this.#creditDue !== undefined || this.#challengeDue || this.#responseDue !== undefined || this.#pingDue;
    const ackAt = this.#acks.dueAt;
    if (!isProbe && !sendsData && !control && (ackAt === undefined || ackAt > now)) return 0;

    const writer = new PacketWriter(out, this.terms.remoteId, this.#nextNumber, size - TAG_RESERVE);
    if (ackAt !== undefined) this.#writeAck(now, writer);
    const content = { data: undefined as Piece | undefined, credit: false, path: false };
    let asks = false;
    if (control) {
      asks = true;
      content.credit = this.#creditDue !== undefined;
      content.path = this.#challengeDue || this.#responseDue !== undefined;
      this.#writeControl(writer);
    }
    const before = this.#send.next;
    if (isProbe) content.data = this.#takeProbe(writer.dataRoom);
    else if (sendsData) content.data = this.#send.take(writer.dataRoom, this.#peerCredit);
    if (content.data !== undefined) {
      asks = true;
      writer.writeData(content.data, this.#send);
      this.stats.dataSent++;
      if (content.data.offset < before) this.stats.dataResent++;
    } else if (isProbe && !asks) {
      asks = true;
      writer.writePing();
    }
    if (isProbe) {
      this.#recovery.probes--;
      this.stats.probesSent++;
    }
    return this.#seal(now, writer, asks ? content : undefined);
  }

  pollTimeout(): Millis | undefined {
    if (this.#end !== undefined) return this.#closing?.deadline;
    // An address that did not prove itself has used up its budget: only its own deadlines can change that.
    if (!this.#path.allows(this.terms.maxDatagram)) return earliest(this.#path.deadline, this.#liveness.idleDeadline);
    return earliest(
      this.#recovery.deadline(),
      this.#acks.dueAt,
      this.#pacedUntil,
      this.#liveness.deadline,
      this.#path.deadline,
    );
  }

  // --- input -------------------------------------------------------------------------------------------------------

  #followPath(now: Millis, number: PacketNumber, size: Bytes, from: string): void {
    const isNewest = number > this.#largestReceived;
    if (isNewest) this.#largestReceived = number;
    if (isNewest && from !== this.#path.address && this.terms.role === 'acceptor') {
      const isOtherHost = this.#path.move(from, now + this.#recovery.patience, this.#prng);
      this.#challengeDue = this.#path.token !== undefined;
      if (isOtherHost) this.#recovery.resetPath();
    }
    if (from === this.#path.address) this.#path.onReceived(size);
  }

  #handleFrames(now: Millis, number: PacketNumber, frames: readonly Frame[]): void {
    let kept = true;
    let asks = false;
    let urgent = false;
    for (const frame of frames) {
      asks ||= isAckEliciting(frame);
      if (frame.kind === 'close') {
        this.#end = { by: 'peer', code: frame.code, reason: frame.reason };
        return;
      }
      if (frame.kind === 'ack') {
        if (!this.#handleAck(now, number, frame)) this.close(now, CLOSE_CODE.protocol);
      } else if (frame.kind === 'data') {
        const placement = this.#receive.place(frame.offset, frame.bytes, frame.fin);
        if (placement === 'violation') this.close(now, CLOSE_CODE.protocol);
        kept = placement === 'kept';
        urgent ||= frame.fin;
      } else {
        urgent ||= frame.kind !== 'credit';
        this.#handleControl(frame);
      }
    }
    if (this.#end !== undefined) return;
    if (kept) {
      this.#replay.mark(number);
      this.#acks.onAccepted(now, number, asks, urgent);
    } else {
      this.stats.notKept++;
      this.#acks.onRejected(now);
    }
  }

  #handleAck(now: Millis, number: PacketNumber, ack: Ack): boolean {
    if (!this.#recovery.handleAck(now, number, ack)) return false;
    this.stats.spuriousLosses = this.#recovery.spuriousLosses;
    return this.#send.onCumulative(ack.cumulative);
  }

  #handleControl(frame: Exclude<Frame, Ack | Data | { kind: 'close' }>): void {
    switch (frame.kind) {
      case 'ping':
        break; // the ACK is the answer
      case 'credit':
        this.#peerCredit = Math.max(this.#peerCredit, frame.maximum);
        break;
      case 'path-challenge':
        this.#response = frame.token;
        this.#responseDue = frame.token;
        break;
      case 'path-response':
        this.#path.onResponse(frame.token);
        break;
    }
  }

  #onAcked({ data }: SentPacket): void {
    if (data !== undefined) this.#send.onAcked(data);
  }

  #onLost({ data, credit, path }: SentPacket): void {
    this.stats.packetsLost++;
    if (data !== undefined) this.#send.onLost(data);
    if (credit) this.#creditDue = this.#receive.granted;
    if (path) {
      this.#challengeDue = this.#path.token !== undefined;
      this.#responseDue = this.#response;
    }
    if (data === undefined && !credit && !path && this.#recovery.sent.packetsInFlight === 0) this.#pingDue = true;
  }

  // --- output ------------------------------------------------------------------------------------------------------

  #mayData(now: Millis, size: Bytes): boolean {
    this.#pacedUntil = undefined;
    if (!this.#send.hasPending(this.#peerCredit)) return false;
    const permission = this.#recovery.permission(now, size);
    if (typeof permission === 'number') this.#pacedUntil = permission;
    return permission === 'now';
  }

  /** RFC 9002 section 6.2.4: what is known to be lost, else new data, else the oldest again. */
  #takeProbe(room: Bytes): Piece | undefined {
    if (this.#send.hasLost || this.#recovery.windowHasRoom) {
      const piece = this.#send.take(room, this.#peerCredit);
      if (piece !== undefined) return piece;
    }
    return this.#send.takeOldest(room);
  }

  #writeAck(now: Millis, writer: PacketWriter): void {
    const report = this.#acks.report(now);
    if (report === undefined) return;
    writer.writeAck({ ...report, cumulative: this.#receive.contiguous });
    this.stats.acksSent++;
  }

  #writeControl(writer: PacketWriter): void {
    if (this.#creditDue !== undefined) writer.writeCredit(this.#creditDue);
    if (this.#challengeDue && this.#path.token !== undefined) writer.writePathChallenge(this.#path.token);
    if (this.#responseDue !== undefined) writer.writePathResponse(this.#responseDue);
    if (this.#pingDue) writer.writePing();
    this.#creditDue = undefined;
    this.#challengeDue = false;
    this.#responseDue = undefined;
    this.#pingDue = false;
  }

  #seal(
    now: Millis,
    writer: PacketWriter,
    content: { data: Piece | undefined; credit: boolean; path: boolean } | undefined,
  ): Bytes {
    const number = this.#nextNumber++;
    const length = writer.seal(this.#protection);
    this.#recovery.onSent(now, number, length, content, this.#isAppLimited(length));
    this.#path.onSent(length);
    this.stats.datagramsSent++;
    this.stats.bytesSent += length;
    return length;
  }

  /** Nothing waits to be sent, or the ARQ window rather than cwnd holds it back (RFC 9002 section 7.8). */
  #isAppLimited(length: Bytes): boolean {
    if (this.#recovery.cwndLeft >= length + this.terms.maxDatagram) {
      return !this.#send.hasPending(this.#peerCredit) || !this.#recovery.windowHasRoom;
    }
    return false;
  }

  #transmitClose(now: Millis, out: Uint8Array): Bytes {
    if (this.#closing === undefined || this.#closing.isOver(now) || !this.#closing.poll(now)) return 0;
    const writer = new PacketWriter(out, this.terms.remoteId, this.#nextNumber, this.terms.maxDatagram - TAG_RESERVE);
    writer.writeClose(this.#closing.code, this.#closing.reason);
    return this.#seal(now, writer, undefined);
  }
}
