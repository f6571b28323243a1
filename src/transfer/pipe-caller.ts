import type { Prng } from '../base/prng.ts';
import type { Millis } from '../base/units.ts';
import type { SessionConfig } from '../session/config.ts';
import type { Host } from '../session/host.ts';
import { Initiator } from '../session/initiator.ts';
import type { InitiatorAgreement } from '../session/key-agreement.ts';
import type { Session } from '../session/session.ts';
import { CLOSE_CODE } from '../wire/close-codes.ts';
import { PipeTransfer } from './pipe.ts';
import { type PipeEnd, type PipeEnds, PipeSession } from './pipe-session.ts';

/** The side of a pipe that calls, from the first HELLO to the goodbye. */
export class PipeCaller implements Host {
  readonly endpoint: Initiator;
  readonly #open: () => PipeEnds;
  #pipe: PipeSession | undefined;
  #end: PipeEnd | undefined;

  /** `open` is called once there is a session. */
  constructor(
    now: Millis,
    open: () => PipeEnds,
    config: SessionConfig,
    prng: Prng,
    peer: string,
    agreement: InitiatorAgreement,
  ) {
    this.endpoint = new Initiator(now, config, prng, peer, agreement);
    this.#open = open;
  }

  get session(): Session | undefined {
    return this.endpoint.session;
  }

  get transfer(): PipeTransfer | undefined {
    return this.#pipe?.transfer;
  }

  /** Known once it is over; the goodbye may still have to be said. */
  get end(): PipeEnd | undefined {
    return this.#end ?? this.#pipe?.end;
  }

  /** Over, and nothing is left to say. */
  get isDone(): boolean {
    return this.end !== undefined && (this.session === undefined || this.session.farewellSaid);
  }

  step(now: Millis): void {
    if (this.end !== undefined) return;
    const { session, failure } = this.endpoint;
    if (failure !== undefined) this.#end = { kind: 'no-session', failure };
    if (session === undefined) return;
    if (this.#pipe === undefined) {
      const { input, output } = this.#open();
      this.#pipe = new PipeSession(session, new PipeTransfer(session, input, output, false));
    }
    this.#pipe.step(now);
  }

  /** Gives up and tells the peer so. */
  cancel(now: Millis): void {
    if (this.#pipe === undefined) this.#end ??= { kind: 'cancelled' };
    else if (this.end === undefined) this.#pipe.close(now, CLOSE_CODE.cancelled, 'it was interrupted');
  }
}
