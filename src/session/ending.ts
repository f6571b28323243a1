import type { Millis } from '../base/units.ts';
import { CLOSE_CODE } from '../wire/close-codes.ts';
import { Closing, closeSpacing } from './closing.ts';
import { triesAgainstLoss } from './tries.ts';

/** Why a session is over. `code` and `reason` are the CLOSE frame's, own or the peer's. */
export interface SessionEnd {
  readonly by: 'local' | 'peer' | 'silence' | 'restart';
  readonly code: number;
  /** UTF-8, not validated where it came from the peer. */
  readonly reason: Uint8Array;
}

/** What the path was like, when a side closed. */
interface PathAtClose {
  readonly lossRate: number;
  readonly roundTrip: Millis;
  /** How long the peer's late packets are answered. */
  readonly linger: Millis;
}

const NO_REASON = new Uint8Array(0);

/** The end of a session: why it is over, and what the peer has yet to be told of it. The first end counts. */
export class Ending {
  #end: SessionEnd | undefined;
  #closing: Closing | undefined;

  /** Undefined while the session lasts. */
  get end(): SessionEnd | undefined {
    return this.#end;
  }

  /** Everything that had to be said about the end has been said. */
  get isSaid(): boolean {
    return this.#end !== undefined && (this.#closing === undefined || this.#closing.said);
  }

  /** Nothing is left to say or to answer. */
  isGone(now: Millis): boolean {
    return this.#end !== undefined && (this.#closing === undefined || this.#closing.isOver(now));
  }

  get deadline(): Millis | undefined {
    return this.#closing?.deadline;
  }

  /** We end it. */
  close(now: Millis, code: number, reason: Uint8Array, { lossRate, roundTrip, linger }: PathAtClose): void {
    this.#end = { by: 'local', code, reason };
    const spacing = closeSpacing(lossRate, roundTrip);
    this.#closing = new Closing(now, triesAgainstLoss(lossRate), spacing, linger);
  }

  /** The peer ended it; it hears no answer. */
  onClosed(code: number, reason: Uint8Array): void {
    this.#end = { by: 'peer', code, reason };
  }

  /** Nobody is there any more, or another one, which knows nothing of the session. */
  onLost(by: 'silence' | 'restart'): void {
    this.#end = { by, code: CLOSE_CODE.noError, reason: NO_REASON };
  }

  /** A packet came after the end; with a CLOSE the peer knows, and nothing more has to be said. */
  onPacket(hasClose: boolean): void {
    if (hasClose) this.#closing = undefined;
    else this.#closing?.onPacket();
  }

  handleTimeout(now: Millis): void {
    if (this.#closing?.isOver(now)) this.#closing = undefined;
  }

  /** The end to tell in a CLOSE that goes out now, undefined: none. Counts as sent. */
  poll(now: Millis): SessionEnd | undefined {
    return this.#closing === undefined || this.#closing.isOver(now) || !this.#closing.poll(now) ? undefined : this.#end;
  }
}
