import { ARQ_STRATEGIES } from '../arq/registry.ts';
import type { Prng } from '../base/prng.ts';
import type { Bytes, Millis, PacketNumber, StreamOffset } from '../base/units.ts';
import { AckPace } from '../recovery/ack-pace.ts';
import { AckTracker } from '../recovery/ack-tracker.ts';
import { ReplayWindow } from '../recovery/replay-window.ts';
import { RttEstimator } from '../recovery/rtt-estimator.ts';
import type { SentContent, SentPacket } from '../recovery/sent-packet.ts';
import { CLOSE_CODE } from '../wire/close-codes.ts';
import { closeLength } from '../wire/close-frame.ts';
import { decodeFrames, type Frame, isAckEliciting } from '../wire/frames.ts';
import { MIN_DATAGRAM } from '../wire/limits.ts';
import { PATH_LENGTH } from '../wire/path-frame.ts';
import { PROTECTED, PROTECTED_OVERHEAD, readPacketNumber } from '../wire/protected-header.ts';
import type { ByteStream } from './byte-stream.ts';
import { LAST_PACKET_NUMBER } from './closing.ts';
import { ControlFrames } from './control-frames.ts';
import { CreditBudget } from './credit-budget.ts';
import { Ending, type SessionEnd } from './ending.ts';
import { earliest } from './endpoint.ts';
import { Inbound } from './inbound.ts';
import type { SessionKeys } from './key-agreement.ts';
import { Liveness } from './liveness.ts';
import { Outbound } from './outbound.ts';
import { PacketNumbers } from './packet-numbers.ts';
import { PacketWriter } from './packet-writer.ts';
import { Path } from './path.ts';
import type { SessionTerms } from './session-terms.ts';
import { emptyStats, lossRate, type SessionStats } from './stats.ts';

/**
 * One established session: two reliable byte streams over datagrams. Without I/O: `handlePacket`, `handleTimeout`,
 * `pollTransmit`, `pollTimeout` and the stream's verbs are all there is, and every one that needs the time is told it.
 */
export class Session implements ByteStream {
  readonly terms: SessionTerms;
  /** Is told when the session's user gave it something to do. */
  onTouched: () => void = () => {};
  readonly stats: SessionStats = emptyStats();
  readonly rtt: RttEstimator;
  /** What its handshake gave it. */
  readonly keys: SessionKeys;
  readonly #path: Path;
  readonly #liveness: Liveness;
  readonly #outbound: Outbound;
  readonly #acks: AckTracker;
  readonly #replay = new ReplayWindow();
  readonly #inbound: Inbound;
  readonly #control = new ControlFrames();
  readonly #writer: PacketWriter;
  readonly #ending = new Ending();
  #confirmed = false;

  constructor(
    now: Millis,
    terms: SessionTerms,
    peer: string,
    prng: Prng,
    keys: SessionKeys,
    rtt = new RttEstimator(),
    share = CreditBudget.alone(terms.receiveCredit, terms.maxReceiveCredit),
    lastNumber = LAST_PACKET_NUMBER,
  ) {
    const strategy = ARQ_STRATEGIES[terms.arq];
    this.terms = terms;
    this.#control.ping = terms.role === 'initiator'; // the acceptor waits for proof that its ACCEPT arrived
    this.rtt = rtt;
    this.keys = keys;
    this.#path = new Path(peer, prng);
    this.#writer = new PacketWriter(terms.remoteId, keys.protection, new PacketNumbers(prng, lastNumber));
    this.#liveness = new Liveness(now, terms.idleTimeout);
    this.#inbound = new Inbound(now, strategy.keepsOutOfOrder, share, rtt);
    const ackEvery = strategy.acknowledgesEach ? 1 : terms.ackEvery;
    this.#acks = new AckTracker(ackEvery ?? new AckPace(rtt, terms.maxAckDelay), terms.maxAckDelay);
    this.#outbound = new Outbound({
      terms,
      rtt,
      prng,
      firstNumber: this.#writer.number,
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
    return this.#ending.end;
  }

  /** Everything that had to be said about the end has been said. */
  get farewellSaid(): boolean {
    return this.#ending.isSaid;
  }

  isGone(now: Millis): boolean {
    return this.#ending.isGone(now);
  }

  /** When a new packet of the peer came last. */
  get heardAt(): Millis {
    return this.#liveness.heardAt;
  }

  get bytesInFlight(): Bytes {
    return this.#outbound.recovery.sent.bytesInFlight;
  }

  /** Bytes written that the peer has not acknowledged. */
  get unacknowledged(): Bytes {
    return this.#outbound.stream.buffered;
  }

  /** The peer has everything of our stream below. */
  get acknowledged(): StreamOffset {
    return this.#outbound.stream.acknowledged;
  }

  /** There are more, and the peer, which has acknowledged those, takes none of them now. */
  get isHeldUp(): boolean {
    return this.end === undefined && this.#outbound.isHeldUp;
  }

  /** The largest datagram that the path is known to carry. */
  get datagramSize(): Bytes {
    return this.#outbound.pathSize.current;
  }

  get packetsInFlight(): number {
    return this.#outbound.recovery.sent.dataInFlight;
  }

  /** Most bytes that congestion control lets be in flight. */
  get cwnd(): Bytes {
    return this.#outbound.recovery.cwnd;
  }

  /** Memory that received bytes take until the application has read them. */
  get receiveBuffered(): Bytes {
    return this.#inbound.buffered;
  }

  /** What was granted to the peer and that the application has not taken. */
  get receiveWindow(): Bytes {
    return this.#inbound.credit.outstanding;
  }

  // --- the streams -------------------------------------------------------------------------------------------------

  writable(): Bytes {
    return this.end === undefined ? this.#outbound.room : 0;
  }

  write(bytes: Uint8Array, onSettled?: () => void): void {
    if (this.end !== undefined) return;
    this.#outbound.stream.write(bytes, onSettled);
    this.onTouched();
  }

  finish(): void {
    this.#outbound.stream.finish();
    this.onTouched();
  }

  read(): Uint8Array | undefined {
    return this.#inbound.read();
  }

  get readFinished(): boolean {
    return this.#inbound.readFinished;
  }

  /** Everything written, and the stream's end, was acknowledged. */
  get writeFinished(): boolean {
    return this.#outbound.stream.complete;
  }

  consumed(count: Bytes, of?: Uint8Array): void {
    this.#inbound.consumed(count, of);
    if (this.#inbound.credit.isDue) this.onTouched();
  }

  /** Asks the peer for a sign of life: its ACK. */
  ping(): void {
    if (this.end !== undefined) return;
    this.#control.ping = true;
    this.onTouched();
  }

  /** Ends the session at once. The first call counts. */
  close(now: Millis, code: number, reason: Uint8Array = new Uint8Array(0)): void {
    if (this.end !== undefined) return;
    const linger = this.#outbound.recovery.patience;
    this.#ending.close(now, code, reason, { lossRate: lossRate(this.stats), roundTrip: this.rtt.srtt, linger });
    this.onTouched();
  }

  // --- datagrams ---------------------------------------------------------------------------------------------------

  /** A protected packet with this session's connection id. The datagram may be overwritten. */
  handlePacket(now: Millis, datagram: Uint8Array, from: string): void {
    this.stats.datagramsReceived++;
    this.stats.bytesReceived += datagram.length;
    const packetNumber = readPacketNumber(datagram);
    const { protection } = this.keys;
    const end = protection.open(datagram, packetNumber);
    const frames = end === undefined ? undefined : decodeFrames(datagram, PROTECTED.frames, end);
    if (frames === undefined || !Array.isArray(frames)) {
      this.#onDamaged(now, frames !== undefined && protection.name !== 'plain');
      return;
    }
    if (this.end !== undefined) {
      this.#ending.onPacket(frames.some((frame) => frame.kind === 'close'));
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

  /** The system says that a datagram was too large for the path. */
  handleTooBig(now: Millis): void {
    this.#outbound.pathSize.onTooBig(now, this.#writer.number);
  }

  handleTimeout(now: Millis): void {
    if (this.end === undefined) this.#liveness.noticeSleep(now);
    if (this.end !== undefined) this.#ending.handleTimeout(now);
    else if (this.#liveness.isDead(now)) this.#ending.onSilence();
    else {
      this.#path.handleTimeout(now);
      this.#outbound.recovery.handleTimeout(now);
      if (this.#liveness.pollKeepAlive(now)) this.#control.ping = true;
    }
  }

  /** Writes one datagram to `out`; returns its length, 0: nothing to send now. */
  pollTransmit(now: Millis, out: Uint8Array): Bytes {
    if (this.#writer.isSpent) this.close(now, CLOSE_CODE.limit);
    if (this.end !== undefined) return this.#transmitClose(now, out);
    const size = this.#outbound.datagramSize;
    if (this.#path.token === undefined) this.#control.challenge = undefined; // answered, or given up
    if (this.#inbound.credit.isDue) this.#control.credit = this.#inbound.credit.poll();
    if (!this.#path.allows(size)) return this.#transmitChallenge(now, out);
    const isProbe = this.#outbound.recovery.probes > 0;
    const sendsData = !isProbe && this.#outbound.mayData(now);
    const sizeProbe = sendsData && this.#path.token === undefined ? this.#outbound.nextSizeProbe(now) : undefined;
    if (sizeProbe !== undefined) return this.#transmitSizeProbe(now, out, sizeProbe);
    const isControl = this.#control.isDue;
    const ackAt = this.#acks.dueAt;
    if (!isProbe && !sendsData && !isControl && (ackAt === undefined || ackAt > now)) return 0;

    // What a timeout asks again goes out small: the path may have shrunk.
    const writer = this.#writer.begin(out, isProbe ? MIN_DATAGRAM : size);
    if (ackAt !== undefined) this.#writeAck(now, writer);
    const { credit, path } = this.#control.write(writer);
    let data: SentContent['data'];
    if (sendsData) data = this.#outbound.writeData(writer);
    if (isProbe) {
      data = this.#outbound.writeProbe(writer);
      if (data === undefined && !isControl) writer.writePing();
      this.#outbound.recovery.probes--;
      this.stats.probesSent++;
    }
    const asks = isProbe || isControl || data !== undefined;
    return this.#seal(now, asks ? { data, credit, path } : undefined);
  }

  pollTimeout(): Millis | undefined {
    if (this.end !== undefined) return this.#ending.deadline;
    // An address that did not prove itself has used up its budget: only its own deadlines can change that.
    if (!this.#path.allows(this.#outbound.datagramSize))
      return earliest(this.#path.deadline, this.#liveness.idleDeadline);
    return earliest(this.#outbound.deadline, this.#acks.dueAt, this.#liveness.deadline, this.#path.deadline);
  }

  // --- input -------------------------------------------------------------------------------------------------------

  /** `isOwnDoing`: it opened, so nonsense in it is the peer's; a checksum may have missed damage (PROTOCOL.md, "Bad input"). */
  #onDamaged(now: Millis, isOwnDoing: boolean): void {
    this.stats.damaged++;
    this.#confirmed ||= isOwnDoing; // it did share the session: also a first packet is answered
    if (isOwnDoing) this.close(now, CLOSE_CODE.protocol);
    else if (this.keys.protection.isExhausted) this.close(now, CLOSE_CODE.key);
  }

  #followPath(now: Millis, number: PacketNumber, size: Bytes, from: string): void {
    const ahead = this.#path.advance(number);
    this.stats.packetsExpected += ahead;
    if (ahead > 0 && from !== this.#path.address && this.terms.role === 'acceptor') {
      // First, because the answer may take as long as on a path of which nothing is known (RFC 9000 section 8.2.4).
      if (!this.#path.isSameHost(from)) this.#outbound.resetPath();
      this.#path.move(from, now + this.#outbound.recovery.patience);
      this.#control.challenge = this.#path.token;
    }
    if (from === this.#path.address) this.#path.onReceived(size);
  }

  #handleFrames(now: Millis, number: PacketNumber, frames: readonly Frame[]): void {
    let kept = true;
    let asks = false;
    let urgent = false;
    for (const frame of frames) {
      if (this.end !== undefined) return; // the frame before broke a rule
      asks ||= isAckEliciting(frame);
      if (frame.kind === 'close') {
        this.#ending.onClosed(frame.code, frame.reason);
        return;
      }
      if (frame.kind === 'ack') {
        if (this.#outbound.handleAck(now, number, frame)) this.keys.protection.onAcknowledged?.(frame.largest);
        else this.close(now, CLOSE_CODE.protocol);
      } else if (frame.kind === 'data') {
        const placement = this.#inbound.place(now, frame);
        if (placement === 'violation') this.close(now, CLOSE_CODE.protocol);
        kept = placement === 'kept';
        urgent ||= frame.fin;
      } else {
        urgent ||= frame.kind !== 'credit';
        this.#control.onFrame(frame, this.#outbound, this.#path);
      }
    }
    if (this.end !== undefined) return;
    if (kept) {
      this.#replay.mark(number);
      this.#acks.onAccepted(now, number, asks, urgent);
    } else {
      this.stats.notKept++;
      this.#acks.onRejected(now);
    }
  }

  #onLost(packet: SentPacket): void {
    this.#control.onLost(packet, this.#inbound.credit.granted, this.#path.token);
    const wasPing = packet.data === undefined && !packet.credit && !packet.path;
    if (wasPing && this.#outbound.recovery.sent.packetsInFlight === 0) this.#control.ping = true;
  }

  // --- output ------------------------------------------------------------------------------------------------------

  #writeAck(now: Millis, writer: PacketWriter): void {
    const report = this.#acks.report(now);
    if (report === undefined) return;
    const { largest, ackDelay, ranges } = report; // spread, each would be an object of a new shape
    writer.writeAck({ largest, ackDelay, ranges, cumulative: this.#inbound.contiguous });
    this.stats.acksSent++;
  }

  /** Ends the packet; `content` undefined: it asks for no ACK. */
  #seal(now: Millis, content: SentContent | 'size-probe' | undefined): Bytes {
    const { number } = this.#writer;
    const length = this.#writer.seal();
    if (content === 'size-probe') this.#outbound.onSizeProbe(now, number, length);
    else this.#outbound.recovery.onSent(now, number, length, content);
    this.#path.onSent(length);
    this.stats.datagramsSent++;
    this.stats.bytesSent += length;
    return length;
  }

  /** As large as it says, and empty (RFC 8899 section 4.1). */
  #transmitSizeProbe(now: Millis, out: Uint8Array, size: Bytes): Bytes {
    const writer = this.#writer.beginExactly(out, size);
    writer.writePing();
    writer.writePad();
    return this.#seal(now, 'size-probe');
  }

  /** All that goes to an address that has not proven itself and sent too little for a whole datagram: the challenge. */
  #transmitChallenge(now: Millis, out: Uint8Array): Bytes {
    const { challenge } = this.#control;
    if (challenge === undefined || !this.#path.allows(PROTECTED_OVERHEAD + PATH_LENGTH)) return 0;
    this.#control.challenge = undefined;
    this.#writer.begin(out).writePathChallenge(challenge);
    return this.#seal(now, { data: undefined, credit: false, path: true });
  }

  #transmitClose(now: Millis, out: Uint8Array): Bytes {
    const end = this.#ending.poll(now);
    if (end === undefined || !this.#path.allows(PROTECTED_OVERHEAD + closeLength(end.reason.length))) return 0;
    this.#writer.begin(out).writeClose(end.code, end.reason);
    return this.#seal(now, undefined);
  }
}
