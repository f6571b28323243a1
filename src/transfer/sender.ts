import type { Prng } from '../base/prng.ts';
import type { Millis } from '../base/units.ts';
import type { SessionConfig } from '../session/config.ts';
import type { Host } from '../session/host.ts';
import { type ConnectFailure, Initiator } from '../session/initiator.ts';
import type { InitiatorAgreement } from '../session/key-agreement.ts';
import type { Session } from '../session/session.ts';
import { CLOSE_CODE } from '../wire/close-codes.ts';
import { LEAST_PROGRESS, MinimumPace } from './minimum-pace.ts';
import type { EntryOutcome } from './outcome.ts';
import type { OutgoingEntry } from './ports.ts';
import { SendingTransfer } from './sending.ts';
import { encodeText } from './text.ts';

/** A receiver may hand content on to somebody who rests, or wait for its disk: that is borne for longer than silence. */
const PATIENCE: Millis = 600_000;

/** How a sending ended; `outcomes` holds what is known of each entry, in order. */
export type SenderEnd = {
  readonly outcomes: readonly (EntryOutcome | undefined)[];
} /** No progress: the receiver talks, and takes, acknowledges or answers nothing. */ & (
  | { readonly kind: 'complete' | 'cancelled' | 'silence' | 'restart' | 'no-progress' }
  | { readonly kind: 'no-session'; readonly failure: ConnectFailure }
  | { readonly kind: 'closed-by-peer'; readonly code: number; readonly reason: Uint8Array }
  /** The receiver broke the protocol's rules. */
  | { readonly kind: 'violation'; readonly text: string }
);

/** Longer than two turns of a session are ever apart: it pings after 15 s at most. */
const SUSPENDED: Millis = 30_000;

/** One sending from the first HELLO to the goodbye. */
export class Sender implements Host {
  readonly endpoint: Initiator;
  readonly #entries: readonly OutgoingEntry[];
  /** Something has no length: it may come from a person, and go to one. */
  readonly #hasStream: boolean;
  readonly #wake: () => void;
  #transfer: SendingTransfer | undefined;
  #pace: MinimumPace | undefined;
  #steppedAt: Millis = 0;
  #end: SenderEnd | undefined;

  /** `wake` is called when a source has something new: a turn is due. */
  constructor(
    now: Millis,
    entries: readonly OutgoingEntry[],
    config: SessionConfig,
    prng: Prng,
    peer: string,
    agreement: InitiatorAgreement,
    wake: () => void,
  ) {
    this.endpoint = new Initiator(now, config, prng, peer, agreement);
    this.#entries = entries;
    this.#hasStream = entries.some(({ offer }) => offer.size === undefined);
    this.#wake = wake;
  }

  get session(): Session | undefined {
    return this.endpoint.session;
  }

  get transfer(): SendingTransfer | undefined {
    return this.#transfer;
  }

  /** Known once the sending is over; the goodbye may still have to be said. */
  get end(): SenderEnd | undefined {
    return this.#end;
  }

  /** Over, and nothing is left to say. */
  get isDone(): boolean {
    return this.#end !== undefined && (this.session === undefined || this.session.farewellSaid);
  }

  step(now: Millis): void {
    if (this.#end !== undefined) return;
    const { session, failure } = this.endpoint;
    if (failure !== undefined) this.#end = { kind: 'no-session', failure, outcomes: [] };
    if (session === undefined) return;
    this.#transfer ??= new SendingTransfer(this.#entries, session, this.#wake);
    this.#transfer.step(); // before the session's end is looked at: the last receipt may have come with it
    const { state, violation, outcomes } = this.#transfer;
    if (state === 'complete') {
      session.close(now, CLOSE_CODE.noError);
      this.#end = { kind: 'complete', outcomes };
    } else if (violation !== undefined) {
      session.close(now, CLOSE_CODE.transfer, encodeText(violation));
      this.#end = { kind: 'violation', text: violation, outcomes };
    } else if (session.end !== undefined) {
      this.#transfer.cancel();
      const { by, code, reason } = session.end;
      if (by === 'peer') this.#end = { kind: 'closed-by-peer', code, reason, outcomes };
      else if (by === 'silence' || by === 'restart') this.#end = { kind: by, outcomes };
      else this.#end = { kind: 'violation', text: 'the receiver broke the protocol', outcomes };
    } else if (this.#isTooSlow(now, session, this.#transfer)) {
      this.#transfer.cancel();
      session.close(now, CLOSE_CODE.noProgress, encodeText('the receiver let nothing move'));
      this.#end = { kind: 'no-progress', outcomes };
    }
  }

  /** The receiver lives and has let nothing move for too long. */
  #isTooSlow(now: Millis, session: Session, transfer: SendingTransfer): boolean {
    // No turn for so long: we were suspended, and the receiver could not help it.
    if (now - this.#steppedAt >= SUSPENDED) this.#pace = undefined;
    this.#steppedAt = now;
    // Where the way to a receiver is cut it falls silent, and then so do we hear nothing: that must come first.
    this.#pace ??= new MinimumPace(Math.max(PATIENCE, 3 * session.terms.idleTimeout));
    const { acknowledged, unacknowledged, isHeldUp } = session;
    const mayRest = this.#hasStream && (unacknowledged === 0 || isHeldUp); // as those may whom it hands a stream on to
    const isWaiting = !mayRest && (unacknowledged > 0 || transfer.isWaiting);
    const moved = acknowledged + LEAST_PROGRESS * transfer.answers; // an answer is progress, however short
    return this.#pace.isTooSlow(now, moved, isWaiting, transfer.unconfirmedBytes);
  }

  /** Gives up and tells the peer so. */
  cancel(now: Millis, reason: string): void {
    if (this.#end !== undefined) return;
    this.#transfer?.cancel();
    this.session?.close(now, CLOSE_CODE.cancelled, encodeText(reason));
    this.#end = { kind: 'cancelled', outcomes: this.#transfer?.outcomes ?? [] };
  }
}
