import type { StreamOffset } from '../base/units.ts';
import type { SentContent } from '../recovery/sent-packet.ts';
import type { Ack } from '../wire/ack-frame.ts';
import type { Data } from '../wire/data-frame.ts';
import type { Frame } from '../wire/frames.ts';
import type { Outbound } from './outbound.ts';
import type { PacketWriter } from './packet-writer.ts';
import type { Path } from './path.ts';

/** What of it a packet carried. */
type SentControl = Pick<SentContent, 'credit' | 'path'>;

/** Frames other than ACK, DATA and CLOSE. */
type PeerControl = Exclude<Frame, Ack | Data | { kind: 'close' }>;

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

  /** One of these came from the peer. A PING needs nothing: its ACK is the answer. */
  onFrame(frame: PeerControl, outbound: Pick<Outbound, 'grant'>, path: Pick<Path, 'onResponse'>): void {
    if (frame.kind === 'credit') outbound.grant(frame.maximum);
    else if (frame.kind === 'path-challenge') this.answer(frame.token);
    else if (frame.kind === 'path-response') path.onResponse(frame.token);
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
