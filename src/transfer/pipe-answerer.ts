import type { Prng } from '../base/prng.ts';
import type { Millis } from '../base/units.ts';
import type { SessionConfig } from '../session/config.ts';
import type { Host } from '../session/host.ts';
import type { AcceptorAgreement } from '../session/key-agreement.ts';
import { Listener } from '../session/listener.ts';
import type { CookieJar } from '../session/ports.ts';
import type { Session } from '../session/session.ts';
import { CLOSE_CODE } from '../wire/close-codes.ts';
import { Crowding, SILENCE_IN_A_CROWD } from './crowding.ts';
import { PipeTransfer } from './pipe.ts';
import { type PipeEnd, type PipeEnds, PipeSession } from './pipe-session.ts';

/** How long whoever calls may keep a session without having said that it is a pipe: at least so long. */
const LEAST_PATIENCE: Millis = 60_000;

/** Somebody who calls and has not said what it is. */
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
  readonly #crowding: Crowding;
  readonly #turnedAway: TurnedAway[] = [];
  #candidates: Candidate[] = [];
  /** Whose caller has said that it is one. */
  #pipe: PipeSession | undefined;
  #end: PipeEnd | undefined;

  constructor(ends: PipeEnds, config: SessionConfig, prng: Prng, cookies: CookieJar, agreement: AcceptorAgreement) {
    this.endpoint = new Listener(config, prng, cookies, agreement);
    this.#ends = ends;
    this.#crowding = new Crowding(this.endpoint.counts);
  }

  /** Of the pipe, once its caller has said that it is one. */
  get session(): Session | undefined {
    return this.#pipe?.session;
  }

  /** Of the pipe, once its caller has said that it is one. */
  get transfer(): PipeTransfer | undefined {
    return this.#pipe?.transfer;
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
    while (this.endpoint.pollNews() !== undefined); // every turn looks at all of them
    for (let session = this.endpoint.pollAccept(); session !== undefined; session = this.endpoint.pollAccept()) {
      const transfer = new PipeTransfer(session, this.#ends.input, this.#ends.output, true);
      this.#candidates.push({ pipe: new PipeSession(session, transfer), since: now });
    }
    if (this.#pipe === undefined) this.#choose(now);
    else this.#pipe.step(now);
    if (this.#pipe === undefined) return;
    for (const { pipe } of this.#candidates.splice(0)) pipe.session.close(now, CLOSE_CODE.busy);
    if (this.#pipe.end === undefined) return;
    this.#end = this.#pipe.end;
    this.endpoint.isShuttingDown = true;
  }

  /** Gives up and tells the peers so. */
  cancel(now: Millis): void {
    if (this.#end !== undefined) return;
    this.#pipe?.close(now, CLOSE_CODE.cancelled, 'it was interrupted');
    for (const { pipe } of this.#candidates) pipe.close(now, CLOSE_CODE.cancelled, 'it was interrupted');
    this.#end = { kind: 'cancelled' };
    this.endpoint.isShuttingDown = true;
  }

  /** Listens to those that call, until one has said that it is a pipe. */
  #choose(now: Millis): void {
    const isCrowded = this.#crowding.poll();
    const others: Candidate[] = [];
    for (const candidate of this.#candidates) {
      const { pipe, since } = candidate;
      if (this.#pipe === undefined) pipe.step(now);
      if (this.#pipe === undefined && pipe.transfer.isConfirmed) {
        this.#pipe = pipe;
        this.endpoint.isOccupied = true;
        continue;
      }
      // A session that outlives long silences outlives paths that let nothing through for as long.
      const patience = Math.max(LEAST_PATIENCE, 2 * pipe.session.terms.idleTimeout);
      if (pipe.end === undefined && now - since >= patience)
        pipe.close(now, CLOSE_CODE.noProgress, 'the caller did not say what it wants');
      else if (pipe.end === undefined && isCrowded && now - since >= SILENCE_IN_A_CROWD) {
        pipe.close(now, CLOSE_CODE.busy, 'others wait, and the caller did not say what it wants');
        this.endpoint.release(pipe.session);
      }
      if (pipe.end === undefined) others.push(candidate);
      else this.#turnedAway.push({ session: pipe.session, end: pipe.end });
    }
    this.#candidates = others;
  }
}
