import type { Bytes, Millis, PacketNumber } from '../base/units.ts';
import { ReplayWindow } from '../recovery/replay-window.ts';
import { CLOSE_CODE } from '../wire/close-codes.ts';
import { decodeFrames, type Frame, isAckEliciting } from '../wire/frames.ts';
import { PROTECTED, readPacketNumber } from '../wire/protected-header.ts';
import type { SessionParts } from './session-parts.ts';

/** What a session does with the packets that come: opens them, knows copies, follows the peer's address, obeys the frames. */
export class PacketHandler {
  readonly #parts: SessionParts;
  readonly #replay = new ReplayWindow();
  #confirmed = false;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** A packet of the peer has proven that it shares this session. */
  get confirmed(): boolean {
    return this.#confirmed;
  }

  /** A protected packet with the session's connection id. The datagram may be overwritten. */
  handle(now: Millis, datagram: Uint8Array, from: string): void {
    const { stats, keys, ending } = this.#parts;
    stats.datagramsReceived++;
    stats.bytesReceived += datagram.length;
    const packetNumber = readPacketNumber(datagram);
    const { protection } = keys;
    const end = protection.open(datagram, packetNumber);
    const frames = end === undefined ? undefined : decodeFrames(datagram, PROTECTED.frames, end);
    if (frames === undefined || !Array.isArray(frames)) {
      this.#onDamaged(now, frames !== undefined && protection.name !== 'plain');
      return;
    }
    if (ending.end !== undefined) {
      ending.onPacket(frames.some((frame) => frame.kind === 'close'));
      return;
    }
    this.#confirmed = true;
    if (!this.#replay.isNew(packetNumber)) {
      stats.duplicates++;
      if (frames.some(isAckEliciting)) this.#parts.acks.onRejected(now); // our ACK may have been lost
      return;
    }
    this.#parts.liveness.onHeard(now); // copies do not count: anyone can send those
    this.#followPath(now, packetNumber, datagram.length, from);
    this.#handleFrames(now, packetNumber, frames);
  }

  /** `isOwnDoing`: it opened, so nonsense in it is the peer's; a checksum may have missed damage (PROTOCOL.md, "Bad input"). */
  #onDamaged(now: Millis, isOwnDoing: boolean): void {
    const { stats, keys } = this.#parts;
    stats.damaged++;
    this.#confirmed ||= isOwnDoing; // it did share the session: also a first packet is answered
    if (isOwnDoing) this.#parts.close(now, CLOSE_CODE.protocol);
    else if (keys.protection.isExhausted) this.#parts.close(now, CLOSE_CODE.key);
  }

  #followPath(now: Millis, number: PacketNumber, size: Bytes, from: string): void {
    const { path, stats, terms, outbound, control } = this.#parts;
    const ahead = path.advance(number);
    stats.packetsExpected += ahead;
    if (ahead > 0 && from !== path.address && terms.role === 'acceptor') {
      // First, because the answer may take as long as on a path of which nothing is known (RFC 9000 section 8.2.4).
      if (!path.isSameHost(from)) outbound.resetPath();
      path.move(from, now + outbound.recovery.patience);
      control.challenge = path.token;
    }
    if (from === path.address) path.onReceived(size);
  }

  #handleFrames(now: Millis, number: PacketNumber, frames: readonly Frame[]): void {
    const { ending, outbound, inbound, control, path, keys, acks, stats } = this.#parts;
    let kept = true;
    let asks = false;
    let urgent = false;
    for (const frame of frames) {
      if (ending.end !== undefined) return; // the frame before broke a rule
      asks ||= isAckEliciting(frame);
      if (frame.kind === 'close') {
        ending.onClosed(frame.code, frame.reason);
        return;
      }
      if (frame.kind === 'ack') {
        if (outbound.handleAck(now, number, frame)) keys.protection.onAcknowledged?.(frame.largest);
        else this.#parts.close(now, CLOSE_CODE.protocol);
      } else if (frame.kind === 'data') {
        const placement = inbound.place(now, frame);
        if (placement === 'violation') this.#parts.close(now, CLOSE_CODE.protocol);
        kept = placement === 'kept';
        urgent ||= frame.fin;
      } else {
        urgent ||= frame.kind !== 'credit';
        control.onFrame(frame, outbound, path);
      }
    }
    if (ending.end !== undefined) return;
    if (kept) {
      this.#replay.mark(number);
      acks.onAccepted(now, number, asks, urgent);
    } else {
      stats.notKept++;
      acks.onRejected(now);
    }
  }
}
