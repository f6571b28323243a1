import { SeededPrng } from '../../src/base/prng.ts';
import type { Millis } from '../../src/base/units.ts';
import { type SessionConfig, sessionConfig } from '../../src/session/config.ts';
import { earliest, TRANSMIT_BUFFER } from '../../src/session/endpoint.ts';
import { plainKeys } from '../../src/session/plain-agreement.ts';
import { Session } from '../../src/session/session.ts';
import { offeredTerms, sessionTerms, settleTerms } from '../../src/session/session-terms.ts';
import { sameId } from '../../src/wire/connection-id.ts';
import { decodePacket } from '../../src/wire/packet.ts';

export const SIDES = ['initiator', 'acceptor'] as const;
export type Side = (typeof SIDES)[number];

const PEER: Record<Side, Side> = { initiator: 'acceptor', acceptor: 'initiator' };
const IDS = { initiator: { hi: 1, lo: 1 }, acceptor: { hi: 2, lo: 2 } };
const MAX_TURNS = 1000;

/** Two established sessions; what they send to each other waits until a hand delivers, loses or changes it. */
export class HandDrivenPair {
  now: Millis = 0;
  readonly sessions: Record<Side, Session>;
  /** Datagrams that a side has sent and that have not been delivered. */
  readonly sent: Record<Side, Uint8Array[]> = { initiator: [], acceptor: [] };
  readonly #out = new Uint8Array(TRANSMIT_BUFFER);

  constructor(config: Partial<SessionConfig>, seed: number) {
    const full = sessionConfig(config);
    const offer = offeredTerms(full, 'plain');
    const settled = settleTerms(full, offer);
    const create = (side: Side): Session => {
      const ids = { localId: IDS[side], remoteId: IDS[PEER[side]] };
      const terms = sessionTerms(side, full, ids, settled, settled);
      return new Session(0, terms, PEER[side], new SeededPrng(seed, side), plainKeys);
    };
    this.sessions = { initiator: create('initiator'), acceptor: create('acceptor') };
    this.settle();
  }

  /** Hands the datagram that `from` sent and that waits at `index` to its peer. */
  deliver(from: Side, index = 0): void {
    const [datagram] = this.sent[from].splice(index, 1);
    if (datagram === undefined) return;
    const session = this.sessions[PEER[from]];
    const packet = decodePacket(datagram);
    if (packet.kind === 'protected' && sameId(packet.connectionId, session.terms.localId)) {
      session.handlePacket(this.now, datagram, from);
    }
    this.settle();
  }

  advance(span: Millis): void {
    this.now += span;
    this.settle();
  }

  /** Lets time pass until the next thing happens by itself; false: nothing will. */
  skip(): boolean {
    const next = earliest(...SIDES.map((side) => this.sessions[side].pollTimeout()));
    if (next !== undefined) this.advance(Math.max(0, next - this.now));
    return next !== undefined;
  }

  /** Everything the sessions do by themselves without time passing. */
  settle(): void {
    for (const side of SIDES) {
      const session = this.sessions[side];
      let turns = 0;
      do {
        if (++turns > MAX_TURNS) throw new Error(`the ${side} is busy without end`);
        session.handleTimeout(this.now);
        for (;;) {
          const length = session.pollTransmit(this.now, this.#out);
          if (length === 0) break;
          this.sent[side].push(this.#out.slice(0, length));
        }
      } while ((session.pollTimeout() ?? Number.POSITIVE_INFINITY) <= this.now);
    }
  }
}
