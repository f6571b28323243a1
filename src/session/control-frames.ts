import type { StreamOffset } from '../base/units.ts';
import type { SentContent } from '../recovery/sent-packets.ts';
import type { PacketWriter } from './packet-writer.ts';

/** What of it a packet carried. */
type SentControl = Pick<SentContent, 'credit' | 'path'>;

// One for all: most packets carry none.
const NONE: SentControl = { credit: false, path: false };

/** What a session has to say besides ACK, DATA and CLOSE: each thing once, with its newest value. */
export class ControlFrames {
  /** The peer may send up to here. */
  credit: StreamOffset | undefined;
  /** A token that the peer has to send back. */
  challenge: Uint8Array | undefined;
  /** A token that the peer wants back. */
  response: Uint8Array | undefined;
  /** The peer has to show that it is there. */
  ping = false;
  /** The newest response, for one that was lost. */
  #answered: Uint8Array | undefined;

  /** Something waits to be written. */
  get isDue(): boolean {
    return this.credit !== undefined || this.challenge !== undefined || this.response !== undefined || this.ping;
  }

  /** Writes all that is due, which counts as said; tells what would have to be said again if the packet is lost. */
  write(writer: PacketWriter): SentControl {
    if (!this.isDue) return NONE;
    const { credit, challenge, response, ping } = this;
    if (credit !== undefined) writer.writeCredit(credit);
    if (challenge !== undefined) writer.writePathChallenge(challenge);
    if (response !== undefined) writer.writePathResponse(response);
    if (ping) writer.writePing();
    this.credit = undefined;
    this.challenge = undefined;
    this.response = undefined;
    this.ping = false;
    return { credit: credit !== undefined, path: challenge !== undefined || response !== undefined };
  }

  /** The peer wants this token back. */
  answer(token: Uint8Array): void {
    this.response = token;
    this.#answered = token;
  }

  /** A packet was lost: what it carried is due again, as it stands by now. */
  onLost({ credit, path }: SentControl, granted: StreamOffset, token: Uint8Array | undefined): void {
    if (credit) this.credit = granted;
    if (!path) return;
    this.challenge = token;
    this.response = this.#answered;
  }
}
