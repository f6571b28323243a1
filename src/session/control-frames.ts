import type { StreamOffset } from '../base/units.ts';
import type { PacketWriter } from './packet-writer.ts';

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

  /** Something waits to be written. */
  get isDue(): boolean {
    return this.credit !== undefined || this.challenge !== undefined || this.response !== undefined || this.ping;
  }

  /** Writes all that is due, which counts as said; tells what would have to be said again if the packet is lost. */
  write(writer: PacketWriter): { readonly credit: boolean; readonly path: boolean } {
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
}
