import { ARQ_STRATEGIES } from '../arq/registry.ts';
import type { Prng } from '../base/prng.ts';
import type { Bytes, Millis, PacketNumber } from '../base/units.ts';
import { AckTracker } from '../recovery/ack-tracker.ts';
import { ReplayWindow } from '../recovery/replay-window.ts';
import { RttEstimator } from '../recovery/rtt-estimator.ts';
import type { SentContent, SentPacket } from '../recovery/sent-packets.ts';
import type { Ack } from '../wire/ack-frame.ts';
import { CLOSE_CODE } from '../wire/close-codes.ts';
import { closeLength } from '../wire/close-frame.ts';
import type { Data } from '../wire/data-frame.ts';
import { decodeFrames, type Frame, isAckEliciting } from '../wire/frames.ts';
import { MAX_PACKET_NUMBER } from '../wire/limits.ts';
import { PATH_LENGTH } from '../wire/path-frame.ts';
import { PROTECTED, type ProtectedPacket, TAG_RESERVE } from '../wire/protected-header.ts';
import type { PacketProtection } from '../wire/protection.ts';
import type { ByteStream } from './byte-stream.ts';
import { Closing, closeCopies } from './closing.ts';
import { ControlFrames } from './control-frames.ts';
import { earliest } from './endpoint.ts';
import { Liveness } from './liveness.ts';
import { Outbound } from './outbound.ts';
import { PacketWriter } from './packet-writer.ts';
import { Path } from './path.ts';
import { drawFirstNumber } from './ports.ts';
import { ReceiveStream } from './receive-stream.ts';
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
/** Packet numbers kept for the CLOSEs: some copies, and an answer to every 2^n-th packet after them. */
const CLOSE_NUMBERS = 64;
/** Bytes of a protected packet around its frames. */
const OVERHEAD: Bytes = PROTECTED.frames + TAG_RESERVE;

/**
 * One established session: two reliable byte streams over datagrams. Without I/O: `handlePacket`, `handleTimeout`,
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
  readonly #outbound: Outbound;
  readonly #acks: AckTracker;
  readonly #replay = new ReplayWindow();
  readonly #receive: ReceiveStream;
  #nextNumber: PacketNumber;
  #largestReceived: PacketNumber = -1;
  readonly #control = new ControlFrames();
  /** The newest challenge's token, for a response that was lost. */
  #response: Uint8Array | undefined;
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
    this.terms = terms;
    this.#control.ping = terms.role === 'initiator'; // the acceptor waits for proof that its ACCEPT arrived
    this.rtt = rtt;
    this.#prng = prng;
    this.#protection = protection;
    this.#path = new Path(peer);
    this.#liveness = new Liveness(now, terms.idleTimeout);
    this.#nextNumber = drawFirstNumber(prng);
    this.#receive = new ReceiveStream(terms.receiveCredit, strategy.keepsOutOfOrder);
    this.#acks = new AckTracker(strategy.acknowledgesEach ? 1 : terms.ackEvery, terms.maxAckDelay);
    this.#outbound = new Outbound({
      terms,
      rtt,
      prng,
      firstNumber: this.#nextNumber,
      stats: this.stats,
      onLost: (packet) => this.#onLost(packet),
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
    return this.#outbound.recovery.sent.bytesInFlight;
  }

  /** Bytes written that the peer has not acknowledged. */
  get unacknowledged(): Bytes {
    return this.#outbound.stream.buffered;
  }

  get packetsInFlight(): number {
    return this.#outbound.recovery.sent.dataInFlight;
  }

  /** Most bytes that congestion control lets be in flight. */
  get cwnd(): Bytes {
    return this.bytesInFlight + this.#outbound.recovery.cwndLeft;
  }

  /** Memory that received bytes take until the application has read them. */
  get receiveBuffered(): Bytes {
    return this.#receive.buffered;
  }

  // --- the streams -------------------------------------------------------------------------------------------------

  writable(): Bytes {
    return this.#end === undefined ? SEND_BUFFER - this.#outbound.stream.buffered : 0;
  }

  write(bytes: Uint8Array): void {
    if (this.#end === undefined) this.#outbound.stream.write(bytes);
  }

  finish(): void {
    this.#outbound.stream.finish();
  }

  read(): Uint8Array | undefined {
    return this.#receive.read();
  }

  get readFinished(): boolean {
    return this.#receive.readFinished;
  }

  /** Everything written, and the stream's end, was acknowledged. */
  get writeFinished(): boolean {
    return this.#outbound.stream.complete;
  }

  consumed(count: Bytes): void {
    this.#receive.consumed(count);
    this.#control.credit = this.#receive.pollCredit() ?? this.#control.credit;
  }

  /** Ends the session at once. The first call counts. */
  close(now: Millis, code: number, reason: Uint8Array = NO_REASON): void {
    if (this.#end !== undefined) return;
    this.#end = { by: 'local', code, reason };
    const spacing = Math.min(100, Math.max(5, this.rtt.srtt / 2));
    const copies = closeCopies(this.stats.packetsLost / Math.max(1, this.stats.datagramsSent));
    this.#closing = new Closing(now, code, reason, copies, spacing, this.#outbound.recovery.patience);
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
    if (!this.#replay.isNew(packetNumber)) {
      this.stats.duplicates++;
      if (frames.some(isAckEliciting)) this.#acks.onRejected(now); // our ACK may have been lost
      return;
    }
    this.#liveness.onHeard(now); // copies do not count: anyone can send those
    this.#followPath(now, packetNumber, datagram.length, from);
    this.#handleFrames(now, packetNumber, frames);
  }

  handleTimeout(now: Millis): void {
    if (this.#end !== undefined) {
      if (this.#closing?.isOver(now)) this.#closing = undefined;
      return;
    }
    if (this.#liveness.isDead(now)) {
      this.#end = { by: 'silence', code: CLOSE_CODE.noError, reason: NO_REASON };
      return;
    }
    this.#path.handleTimeout(now);
    this.#outbound.recovery.handleTimeout(now);
    if (this.#liveness.pollKeepAlive(now)) this.#control.ping = true;
  }

  /** Writes one datagram to `out`; returns its length, 0: nothing to send now. */
  pollTransmit(now: Millis, out: Uint8Array): Bytes {
    if (this.#nextNumber > MAX_PACKET_NUMBER - CLOSE_NUMBERS) this.close(now, CLOSE_CODE.limit);
    if (this.#end !== undefined) return this.#transmitClose(now, out);
    const size = this.terms.maxDatagram;
    if (this.#path.token === undefined) this.#control.challenge = undefined; // answered, or given up
    if (!this.#path.allows(size)) return this.#transmitChallenge(now, out);
    const isProbe = this.#outbound.recovery.probes > 0;
    const sendsData = !isProbe && this.#outbound.mayData(now);
    const isControl = this.#control.isDue;
    const ackAt = this.#acks.dueAt;
    if (!isProbe && !sendsData && !isControl && (ackAt === undefined || ackAt > now)) return 0;

    const writer = this.#beginPacket(out);
    if (ackAt !== undefined) this.#writeAck(now, writer);
    const control = this.#control.write(writer);
    let data: SentContent['data'];
    if (sendsData) data = this.#outbound.writeData(writer);
    if (isProbe) {
      data = this.#outbound.writeProbe(writer);
      if (data === undefined && !isControl) writer.writePing();
      this.#outbound.recovery.probes--;
      this.stats.probesSent++;
    }
    const asks = isProbe || isControl || data !== undefined;
    return this.#seal(now, writer, asks ? { data, ...control } : undefined);
  }

  pollTimeout(): Millis | undefined {
    if (this.#end !== undefined) return this.#closing?.deadline;
    // An address that did not prove itself has used up its budget: only its own deadlines can change that.
    if (!this.#path.allows(this.terms.maxDatagram)) return earliest(this.#path.deadline, this.#liveness.idleDeadline);
    return earliest(this.#outbound.deadline, this.#acks.dueAt, this.#liveness.deadline, this.#path.deadline);
  }

  // --- input -------------------------------------------------------------------------------------------------------

  #followPath(now: Millis, number: PacketNumber, size: Bytes, from: string): void {
    const isNewest = number > this.#largestReceived;
    if (isNewest) this.#largestReceived = number;
    if (isNewest && from !== this.#path.address && this.terms.role === 'acceptor') {
      // First, because the answer may take as long as on a path of which nothing is known (RFC 9000 section 8.2.4).
      if (!this.#path.isSameHost(from)) this.#outbound.recovery.resetPath();
      this.#path.move(from, now + this.#outbound.recovery.patience, this.#prng);
      this.#control.challenge = this.#path.token;
    }
    if (from === this.#path.address) this.#path.onReceived(size);
  }

  #handleFrames(now: Millis, number: PacketNumber, frames: readonly Frame[]): void {
    let kept = true;
    let asks = false;
    let urgent = false;
    for (const frame of frames) {
      if (this.#end !== undefined) return; // the frame before broke a rule
      asks ||= isAckEliciting(frame);
      if (frame.kind === 'close') {
        this.#end = { by: 'peer', code: frame.code, reason: frame.reason };
        return;
      }
      if (frame.kind === 'ack') {
        if (!this.#outbound.handleAck(now, number, frame)) this.close(now, CLOSE_CODE.protocol);
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

  #handleControl(frame: Exclude<Frame, Ack | Data | { kind: 'close' }>): void {
    switch (frame.kind) {
      case 'ping':
        break; // the ACK is the answer
      case 'credit':
        this.#outbound.grant(frame.maximum);
        break;
      case 'path-challenge':
        this.#response = frame.token;
        this.#control.response = frame.token;
        break;
      case 'path-response':
        this.#path.onResponse(frame.token);
        break;
    }
  }

  #onLost({ data, credit, path }: SentPacket): void {
    if (credit) this.#control.credit = this.#receive.granted;
    if (path) {
      this.#control.challenge = this.#path.token;
      this.#control.response = this.#response;
    }
    const wasPing = data === undefined && !credit && !path;
    if (wasPing && this.#outbound.recovery.sent.packetsInFlight === 0) this.#control.ping = true;
  }

  // --- output ------------------------------------------------------------------------------------------------------

  #writeAck(now: Millis, writer: PacketWriter): void {
    const report = this.#acks.report(now);
    if (report === undefined) return;
    writer.writeAck({ ...report, cumulative: this.#receive.contiguous });
    this.stats.acksSent++;
  }

  #beginPacket(out: Uint8Array): PacketWriter {
    return new PacketWriter(out, this.terms.remoteId, this.#nextNumber, this.terms.maxDatagram - TAG_RESERVE);
  }

  /** Ends the packet; `content` undefined: it asks for no ACK. */
  #seal(now: Millis, writer: PacketWriter, content: SentContent | undefined): Bytes {
    const length = writer.seal(this.#protection);
    this.#outbound.recovery.onSent(now, this.#nextNumber++, length, content);
    this.#path.onSent(length);
    this.stats.datagramsSent++;
    this.stats.bytesSent += length;
    return length;
  }

  /** All that goes to an address that has not proven itself and sent too little for a whole datagram: the challenge. */
  #transmitChallenge(now: Millis, out: Uint8Array): Bytes {
    const { challenge } = this.#control;
    if (challenge === undefined || !this.#path.allows(OVERHEAD + PATH_LENGTH)) return 0;
    this.#control.challenge = undefined;
    const writer = this.#beginPacket(out);
    writer.writePathChallenge(challenge);
    return this.#seal(now, writer, { data: undefined, credit: false, path: true });
  }

  #transmitClose(now: Millis, out: Uint8Array): Bytes {
    if (this.#closing === undefined || this.#closing.isOver(now) || !this.#closing.poll(now)) return 0;
    const { code, reason } = this.#closing;
    if (!this.#path.allows(OVERHEAD + closeLength(reason.length))) return 0;
    const writer = this.#beginPacket(out);
    writer.writeClose(code, reason);
    return this.#seal(now, writer, undefined);
  }
}
