import type { Bytes, Millis } from '../base/units.ts';
import type { SentContent } from '../recovery/sent-packet.ts';
import { CLOSE_CODE } from '../wire/close-codes.ts';
import { closeLength } from '../wire/close-frame.ts';
import { MIN_DATAGRAM } from '../wire/limits.ts';
import { PATH_LENGTH } from '../wire/path-frame.ts';
import { PROTECTED_OVERHEAD } from '../wire/protected-header.ts';
import { PacketWriter } from './packet-writer.ts';
import type { SessionParts } from './session-parts.ts';

/** What a session sends next: decides what goes into a packet, and remembers what it carried. */
export class PacketComposer {
  readonly #parts: SessionParts;
  readonly #writer: PacketWriter;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#writer = new PacketWriter(parts.terms.remoteId, parts.keys.protection, parts.numbers);
  }

  /** Writes one datagram to `out`; returns its length, 0: nothing to send now. */
  poll(now: Millis, out: Uint8Array): Bytes {
    const { numbers, ending, outbound, path, control, inbound, acks, stats } = this.#parts;
    if (numbers.isSpent) this.#parts.close(now, CLOSE_CODE.limit);
    if (ending.end !== undefined) return this.#composeClose(now, out);
    const size = outbound.datagramSize;
    if (path.token === undefined) control.challenge = undefined; // answered, or given up
    if (inbound.credit.isDue) control.credit = inbound.credit.poll();
    if (!path.allows(size)) return this.#composeChallenge(now, out);
    const isProbe = outbound.recovery.probes > 0;
    const sendsData = !isProbe && outbound.mayData(now);
    const sizeProbe = sendsData && path.token === undefined ? outbound.nextSizeProbe(now) : undefined;
    if (sizeProbe !== undefined) return this.#composeSizeProbe(now, out, sizeProbe);
    const isControl = control.isDue;
    const ackAt = acks.dueAt;
    if (!isProbe && !sendsData && !isControl && (ackAt === undefined || ackAt > now)) return 0;

    // What a timeout asks again goes out small: the path may have shrunk.
    const writer = this.#writer.begin(out, isProbe ? MIN_DATAGRAM : size);
    if (ackAt !== undefined) this.#writeAck(now);
    const { credit, path: isOfPath } = control.write(writer);
    let data: SentContent['data'];
    if (sendsData) data = outbound.writeData(writer);
    if (isProbe) {
      data = outbound.writeProbe(writer);
      if (data === undefined && !isControl) writer.writePing();
      outbound.recovery.onProbeSent();
      stats.probesSent++;
    }
    const asks = isProbe || isControl || data !== undefined;
    return this.#seal(now, asks ? { data, credit, path: isOfPath } : undefined);
  }

  #writeAck(now: Millis): void {
    const { acks, inbound, stats } = this.#parts;
    const report = acks.report(now);
    if (report === undefined) return;
    const { largest, ackDelay, ranges } = report; // spread, each would be an object of a new shape
    this.#writer.writeAck({ largest, ackDelay, ranges, cumulative: inbound.contiguous });
    stats.acksSent++;
  }

  /** As large as it says, and empty (RFC 8899 section 4.1). */
  #composeSizeProbe(now: Millis, out: Uint8Array, size: Bytes): Bytes {
    const writer = this.#writer.beginExactly(out, size);
    writer.writePing();
    writer.writePad();
    return this.#seal(now, 'size-probe');
  }

  /** All that goes to an address that has not proven itself and sent too little for a whole datagram: the challenge. */
  #composeChallenge(now: Millis, out: Uint8Array): Bytes {
    const { control, path } = this.#parts;
    const { challenge } = control;
    if (challenge === undefined || !path.allows(PROTECTED_OVERHEAD + PATH_LENGTH)) return 0;
    control.challenge = undefined;
    this.#writer.begin(out).writePathChallenge(challenge);
    return this.#seal(now, { data: undefined, credit: false, path: true });
  }

  #composeClose(now: Millis, out: Uint8Array): Bytes {
    const { ending, path } = this.#parts;
    const end = ending.poll(now);
    if (end === undefined || !path.allows(PROTECTED_OVERHEAD + closeLength(end.reason.length))) return 0;
    this.#writer.begin(out).writeClose(end.code, end.reason);
    return this.#seal(now, undefined);
  }

  /** Ends the packet; `content` undefined: it asks for no ACK. */
  #seal(now: Millis, content: SentContent | 'size-probe' | undefined): Bytes {
    const { numbers, outbound, path, liveness, stats } = this.#parts;
    const number = numbers.next;
    const length = this.#writer.seal();
    if (content !== undefined) liveness.onAsked(now);
    if (content === 'size-probe') outbound.onSizeProbe(now, number, length);
    else outbound.recovery.onSent(now, number, length, content);
    path.onSent(length);
    stats.datagramsSent++;
    stats.bytesSent += length;
    return length;
  }
}
