import type { Prng } from '../base/prng.ts';
import type { Millis } from '../base/units.ts';
import type { SessionConfig } from '../session/config.ts';
import type { Host } from '../session/host.ts';
import type { AcceptorAgreement } from '../session/key-agreement.ts';
import { Listener } from '../session/listener.ts';
import type { CookieJar } from '../session/ports.ts';
import type { Session } from '../session/session.ts';
import { CLOSE_CODE } from '../wire/close-codes.ts';
import { PipeTransfer } from './pipe.ts';
import { type PipeEnd, type PipeEnds, PipeSession } from './pipe-session.ts';

/** How long whoever calls may keep the only place without having said that it is a pipe: at least so long. */
const LEAST_PATIENCE: Millis = 60_000;

/** Who is on the line. */
interface Candidate {
  readonly pipe: PipeSession;
  readonly since: Millis;
}

/** Somebody who called and was no pipe. */
export interface TurnedAway {
  readonly session: Session;
  readonly end: PipeEnd;
}

/** The side of a pipe that is called: takes the first caller that says it is a pipe, and no other. */
export class PipeAnswerer implements Host {
  readonly endpoint: Listener;
  readonly #ends: PipeEnds;
  readonly #turnedAway: TurnedAway[] = [];
  #candidate: Candidate | undefined;
  #end: PipeEnd | undefined;

  constructor(ends: PipeEnds, config: SessionConfig, prng: Prng, cookies: CookieJar, agreement: AcceptorAgreement) {
    this.endpoint = new Listener(config, prng, cookies, agreement, { sessions: 1 });
    this.#ends = ends;
  }

  /** Of the pipe, once its caller has said that it is one. */
  get session(): Session | undefined {
    return this.transfer === undefined ? undefined : this.#candidate?.pipe.session;
  }

  /** Of the pipe, once its caller has said that it is one. */
  get transfer(): PipeTransfer | undefined {
    const transfer = this.#candidate?.pipe.transfer;
    return transfer?.isConfirmed ? transfer : undefined;
  }

  /** Known once the pipe is over; the goodbye may still have to be said. */
  get end(): PipeEnd | undefined {
    return this.#end;
  }

  /** Over, and nothing is left to say. */
  get isDone(): boolean {
    return this.#end !== undefined && this.endpoint.farewellsSaid;
  }

  /** Who was turned away since the last call. */
  takeTurnedAway(): TurnedAway[] {
    return this.#turnedAway.splice(0);
  }

  step(now: Millis): void {
    if (this.#end !== undefined) return;
    while (this.endpoint.pollNews() !== undefined); // there is one session, and every turn looks at it
    if (this.#candidate === undefined) {
      const session = this.endpoint.pollAccept();
      if (session === undefined) return;
      const transfer = new PipeTransfer(session, this.#ends.input, this.#ends.output, true);
      this.#candidate = { pipe: new PipeSession(session, transfer), since: now };
    }
    // The listener may have forgotten a session that is over while the pipe still writes what came.
    for (let other = this.endpoint.pollAccept(); other !== undefined; other = this.endpoint.pollAccept())
      other.close(now, CLOSE_CODE.busy);
    const { pipe, since } = this.#candidate;
    pipe.step(now);
    // A session that outlives long silences outlives paths that let nothing through for as long.
    const patience = Math.max(LEAST_PATIENCE, 2 * pipe.session.terms.idleTimeout);
    if (pipe.end === undefined && !pipe.transfer.isConfirmed && now - since >= patience)
      pipe.close(now, CLOSE_CODE.noProgress, 'the caller did not say what it wants');
    if (pipe.end === undefined) return;
    if (pipe.transfer.isConfirmed) {
      this.#end = pipe.end;
      this.endpoint.isShuttingDown = true;
    } else {
      this.#turnedAway.push({ session: pipe.session, end: pipe.end });
      this.#candidate = undefined;
    }
  }

  /** Gives up and tells the peer so, if there is one. */
  cancel(now: Millis): void {
    if (this.#end !== undefined) return;
    this.#candidate?.pipe.close(now, CLOSE_CODE.cancelled, 'it was interrupted');
    this.#end = { kind: 'cancelled' };
    this.endpoint.isShuttingDown = true;
  }
}
