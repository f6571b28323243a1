import { SeededPrng } from '../../src/base/prng.ts';
import { type SessionConfig, sessionConfig } from '../../src/session/config.ts';
import { Initiator } from '../../src/session/initiator.ts';
import type { AcceptorAgreement, InitiatorAgreement } from '../../src/session/key-agreement.ts';
import { Listener } from '../../src/session/listener.ts';
import type { Session } from '../../src/session/session.ts';
import { simulatedCookies } from '../../src/sim/simulated-cookies.ts';
import { Network } from './network.ts';

export const CALLER = '10.0.0.1:5000';
export const CALLED = '10.0.0.2:9000';

/** An initiator that calls a listener, each with its own idea of how to agree on keys. */
export class Call extends Network {
  readonly initiator: Initiator;
  readonly listener: Listener;
  accepted: Session | undefined;
  /** Everything that the listener's session received. */
  readonly received: number[] = [];

  constructor(initiator: InitiatorAgreement, acceptor: AcceptorAgreement, config: Partial<SessionConfig> = {}) {
    super();
    const full = sessionConfig(config);
    this.initiator = new Initiator(0, full, new SeededPrng(1, 'initiator'), CALLED, initiator);
    this.listener = new Listener(full, new SeededPrng(1, 'listener'), simulatedCookies, acceptor);
    this.join(CALLER, this.initiator);
    this.join(CALLED, this.listener, () => this.#step());
  }

  /** Both sessions, once the initiator's first packet was heard. Throws when they do not come about. */
  begin(): { readonly session: Session; readonly accepted: Session } {
    this.runUntil(() => this.accepted !== undefined, 5000);
    const { session } = this.initiator;
    if (session === undefined || this.accepted === undefined) throw new Error('no session');
    return { session, accepted: this.accepted };
  }

  #step(): void {
    this.accepted ??= this.listener.pollAccept();
    const session = this.accepted;
    for (let bytes = session?.read(); bytes !== undefined; bytes = session?.read()) {
      this.received.push(...bytes);
      session?.consumed(bytes.length);
    }
  }
}
