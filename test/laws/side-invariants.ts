import { RangeSet } from '../../src/base/range-set.ts';
import type { Bytes } from '../../src/base/units.ts';
import type { Session } from '../../src/session/session.ts';
import type { Ack } from '../../src/wire/ack-frame.ts';
import { decodeFrames, type Frame } from '../../src/wire/frames.ts';
import { decodePacket } from '../../src/wire/packet.ts';
import { plainProtection } from '../../src/wire/plain-protection.ts';
import { PROTECTED, type ProtectedPacket } from '../../src/wire/protected-header.ts';

/** The reader takes a page whole, and one may be begun: so much more than the credit may be held. */
const PAGES: Bytes = 2 * 65_536;
/** CLOSE goes out at most so often unasked. */
const MAX_CLOSE_COPIES = 10;

/** A law of the session does not hold. */
class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant';
}

export function demand(holds: boolean, law: string, ...values: readonly unknown[]): asserts holds {
  if (!holds) throw new BrokenInvariant(`${law}: ${values.map(String).join(', ')}`);
}

/** What must hold for one side's session at every datagram it sends. */
export class SideInvariants {
  readonly #name: string;
  /** Numbers of the peer's packets that came undamaged. */
  readonly #arrived = new RangeSet();
  #lastNumber = -1;
  /** Numbers that it left out. */
  skippedNumbers = 0;
  #probesSent = 0;
  #closesSent = 0;
  #heardAfterEnd = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** The peer's packet is about to be handled. */
  onProtected(session: Session | undefined, packet: ProtectedPacket, datagram: Uint8Array): void {
    if (plainProtection.open(datagram, packet.packetNumber) === undefined) return;
    this.#arrived.add(packet.packetNumber, packet.packetNumber + 1);
    if (session?.end !== undefined) this.#heardAfterEnd++;
  }

  onSent(session: Session, datagram: Uint8Array): void {
    const packet = decodePacket(datagram);
    demand(packet.kind === 'protected', `${this.#name} sends packets of its session`, packet.kind);
    const end = plainProtection.open(datagram, packet.packetNumber);
    demand(end !== undefined, `${this.#name} seals what it sends`, packet.packetNumber);
    const frames = decodeFrames(datagram, PROTECTED.frames, end);
    demand(Array.isArray(frames), `${this.#name} sends frames that can be read`, JSON.stringify(frames));
    demand(packet.packetNumber > this.#lastNumber, 'a packet number is never used again', packet.packetNumber);
    if (this.#lastNumber >= 0) this.skippedNumbers += packet.packetNumber - this.#lastNumber - 1;
    this.#lastNumber = packet.packetNumber;
    for (const frame of frames) if (frame.kind === 'ack') this.#checkAck(frame);
    if (session.end !== undefined) this.#checkFarewell(session, frames);
    else this.#checkWindows(session, frames);
  }

  /** Memory is bounded by the credit granted. */
  checkMemory(session: Session): void {
    const { receiveBuffered, receiveWindow, terms } = session;
    const most = Math.max(terms.receiveCredit, terms.maxReceiveCredit);
    demand(receiveWindow <= most, `${this.#name} grants no more than it may`, receiveWindow, most);
    demand(
      receiveBuffered <= receiveWindow + PAGES,
      `${this.#name} holds no more than its credit`,
      receiveBuffered,
      receiveWindow,
    );
  }

  #checkAck(ack: Ack): void {
    for (const { start, end } of ack.ranges) {
      this.#arrived.forEachGap(start, end, (first, last) => {
        throw new BrokenInvariant(`${this.#name} acknowledges ${first}..${last - 1}, which never came`);
      });
    }
  }

  #checkWindows(session: Session, frames: readonly Frame[]): void {
    const { stats, terms, packetsInFlight, bytesInFlight, cwnd } = session;
    const isProbe = stats.probesSent > this.#probesSent;
    this.#probesSent = stats.probesSent;
    if (isProbe || !frames.some(({ kind }) => kind === 'data')) return;
    const window = terms.arq === 'stop-and-wait' ? 1 : terms.window;
    demand(packetsInFlight <= window, `${this.#name} keeps to its window`, packetsInFlight, window);
    demand(bytesInFlight <= cwnd, `${this.#name} keeps to cwnd`, bytesInFlight, cwnd);
  }

  #checkFarewell({ end }: Session, frames: readonly Frame[]): void {
    demand(end?.by === 'local', `${this.#name} is silent after an end it did not make`, end?.by);
    const onlyClose = frames.every(({ kind }) => kind === 'close');
    demand(onlyClose, `${this.#name} says nothing but CLOSE after its end`, JSON.stringify(frames));
    const answers = this.#heardAfterEnd === 0 ? 0 : 1 + Math.floor(Math.log2(this.#heardAfterEnd));
    this.#closesSent++;
    demand(this.#closesSent <= MAX_CLOSE_COPIES + answers, `${this.#name} says CLOSE no more often`, this.#closesSent);
  }
}
