import type { Prng } from '../base/prng.ts';
import type { Bytes, Millis, StreamOffset } from '../base/units.ts';
import { RttEstimator } from '../recovery/rtt-estimator.ts';
import type { ByteStream } from './byte-stream.ts';
import { LAST_PACKET_NUMBER } from './closing.ts';
import { CreditBudget } from './credit-budget.ts';
import type { SessionEnd } from './ending.ts';
import { earliest } from './endpoint.ts';
import type { SessionKeys } from './key-agreement.ts';
import { PacketComposer } from './packet-composer.ts';
import { PacketHandler } from './packet-handler.ts';
import { SessionParts } from './session-parts.ts';
import type { SessionTerms } from './session-terms.ts';
import type { SessionStats } from './stats.ts';

/**
 * One established session: two reliable byte streams over datagrams. Without I/O: `handlePacket`, `handleTimeout`,
 * `pollTransmit`, `pollTimeout` and the stream's verbs are all there is, and every one that needs the time is told it.
 */
export class Session implements ByteStream {
  readonly terms: SessionTerms;
  /** Is told when the session's user gave it something to do. */
  onTouched: () => void = () => {};
  readonly stats: SessionStats;
  readonly rtt: RttEstimator;
  /** What its handshake gave it. */
  readonly keys: SessionKeys;
  readonly #parts: SessionParts;
  readonly #handler: PacketHandler;
  readonly #composer: PacketComposer;

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
    this.terms = terms;
    this.rtt = rtt;
    this.keys = keys;
    this.#parts = new SessionParts(now, { terms, peer, prng, keys, rtt, share, lastNumber });
    this.stats = this.#parts.stats;
    this.#handler = new PacketHandler(this.#parts);
    this.#composer = new PacketComposer(this.#parts);
  }

  /** The peer's address now. */
  get peer(): string {
    return this.#parts.path.address;
  }

  /** A packet of the peer has proven that it shares this session. */
  get confirmed(): boolean {
    return this.#handler.confirmed;
  }

  /** Set once the session is over for its user; `isGone` tells when it may be forgotten. */
  get end(): SessionEnd | undefined {
    return this.#parts.ending.end;
  }

  /** Everything that had to be said about the end has been said. */
  get farewellSaid(): boolean {
    return this.#parts.ending.isSaid;
  }

  isGone(now: Millis): boolean {
    return this.#parts.ending.isGone(now);
  }

  /** When a new packet of the peer came last. */
  get heardAt(): Millis {
    return this.#parts.liveness.heardAt;
  }

  /** Since when the peer owes an answer; undefined: it owes none. */
  get unansweredSince(): Millis | undefined {
    return this.end === undefined ? this.#parts.liveness.unansweredSince : undefined;
  }

  /** Three probe timeouts: for so long an answer may be on its way. */
  get patience(): Millis {
    return this.#parts.outbound.recovery.patience;
  }

  get bytesInFlight(): Bytes {
    return this.#parts.outbound.recovery.sent.bytesInFlight;
  }

  /** Bytes written that the peer has not acknowledged. */
  get unacknowledged(): Bytes {
    return this.#parts.outbound.stream.buffered;
  }

  /** The peer has everything of our stream below. */
  get acknowledged(): StreamOffset {
    return this.#parts.outbound.stream.acknowledged;
  }

  /** There are more, and the peer, which has acknowledged those, takes none of them now. */
  get isHeldUp(): boolean {
    return this.end === undefined && this.#parts.outbound.isHeldUp;
  }

  /** The largest datagram that the path is known to carry. */
  get datagramSize(): Bytes {
    return this.#parts.outbound.pathSize.current;
  }

  get packetsInFlight(): number {
    return this.#parts.outbound.recovery.sent.dataInFlight;
  }

  /** Most bytes that congestion control lets be in flight. */
  get cwnd(): Bytes {
    return this.#parts.outbound.recovery.cwnd;
  }

  /** Memory that received bytes take until the application has read them. */
  get receiveBuffered(): Bytes {
    return this.#parts.inbound.buffered;
  }

  /** What was granted to the peer and that the application has not taken. */
  get receiveWindow(): Bytes {
    return this.#parts.inbound.credit.outstanding;
  }

  // --- the streams -------------------------------------------------------------------------------------------------

  writable(): Bytes {
    return this.end === undefined ? this.#parts.outbound.room : 0;
  }

  get unsent(): Bytes {
    return this.#parts.outbound.stream.unsent;
  }

  write(bytes: Uint8Array, onSettled?: () => void): void {
    if (this.end !== undefined) return;
    this.#parts.outbound.stream.write(bytes, onSettled);
    this.onTouched();
  }

  finish(): void {
    this.#parts.outbound.stream.finish();
    this.onTouched();
  }

  read(): Uint8Array | undefined {
    return this.#parts.inbound.read();
  }

  get readFinished(): boolean {
    return this.#parts.inbound.readFinished;
  }

  /** Everything written, and the stream's end, was acknowledged. */
  get writeFinished(): boolean {
    return this.#parts.outbound.stream.complete;
  }

  consumed(count: Bytes, of?: Uint8Array): void {
    this.#parts.inbound.consumed(count, of);
    if (this.#parts.inbound.credit.isDue) this.onTouched();
  }

  /** Asks the peer for a sign of life: its ACK. */
  ping(): void {
    if (this.end !== undefined) return;
    this.#parts.control.ping = true;
    this.onTouched();
  }

  /** Ends the session at once. The first call counts. */
  close(now: Millis, code: number, reason?: Uint8Array): void {
    if (this.end !== undefined) return;
    this.#parts.close(now, code, reason);
    this.onTouched();
  }

  /** The peer was started anew and knows nothing of this session: there is nobody to tell of its end. */
  onForgotten(): void {
    if (this.end === undefined) this.#parts.ending.onLost('restart');
  }

  // --- datagrams ---------------------------------------------------------------------------------------------------

  /** A protected packet with this session's connection id. The datagram may be overwritten. */
  handlePacket(now: Millis, datagram: Uint8Array, from: string): void {
    this.#handler.handle(now, datagram, from);
  }

  /** The system says that a datagram was too large for the path. */
  handleTooBig(now: Millis): void {
    const { outbound, numbers } = this.#parts;
    outbound.pathSize.onTooBig(now, numbers.next);
  }

  /** Our own address is another one, and so is the path. The peer learns of it from the next packet. */
  handleMoved(): void {
    this.#parts.outbound.resetPath();
    this.ping();
  }

  handleTimeout(now: Millis): void {
    const { ending, liveness, path, outbound, control } = this.#parts;
    if (this.end === undefined) liveness.noticeSleep(now);
    if (this.end !== undefined) ending.handleTimeout(now);
    else if (liveness.isDead(now)) ending.onLost('silence');
    else {
      path.handleTimeout(now);
      outbound.recovery.handleTimeout(now);
      if (liveness.pollKeepAlive(now)) control.ping = true;
    }
  }

  /** Writes one datagram to `out`; returns its length, 0: nothing to send now. */
  pollTransmit(now: Millis, out: Uint8Array): Bytes {
    return this.#composer.poll(now, out);
  }

  pollTimeout(): Millis | undefined {
    const { ending, path, outbound, liveness, acks } = this.#parts;
    if (this.end !== undefined) return ending.deadline;
    // An address that did not prove itself has used up its budget: only its own deadlines can change that.
    if (!path.allows(outbound.datagramSize)) return earliest(path.deadline, liveness.idleDeadline);
    return earliest(outbound.deadline, acks.dueAt, liveness.deadline, path.deadline);
  }
}
