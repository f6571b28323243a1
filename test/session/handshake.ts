import { SeededPrng } from '../../src/base/prng.ts';
import type { Bytes, Millis } from '../../src/base/units.ts';
import { type SessionConfig, sessionConfig } from '../../src/session/config.ts';
import { Listener, type ListenerLimits } from '../../src/session/listener.ts';
import { plainAcceptor } from '../../src/session/plain-agreement.ts';
import { offeredTerms } from '../../src/session/session-terms.ts';
import { simulatedCookies } from '../../src/sim/simulated-cookies.ts';
import type { Accept } from '../../src/wire/accept.ts';
import type { ConnectionId } from '../../src/wire/connection-id.ts';
import type { Frame } from '../../src/wire/frames.ts';
import type { Hello } from '../../src/wire/hello.ts';
import { decodePacket } from '../../src/wire/packet.ts';
import { codecPacket } from '../wire/codec.ts';

export const CALLER = '10.0.0.1:5000';
export const ID: ConnectionId = { hi: 7, lo: 8 };

/** A HELLO of an initiator with the defaults, and with these fields instead. */
export function helloBytes(fields: Partial<Hello> = {}): Uint8Array {
  return codecPacket('hello', {
    ...offeredTerms(sessionConfig(), 'plain'),
    initiatorId: ID,
    cookie: undefined,
    ...fields,
  });
}

/** The packet of an answer. */
export type Answer = ReturnType<typeof decodePacket> & { readonly to: string; readonly size: Bytes };

/** A listener by itself: what it is told, the test makes up; what it answers, the test looks at. */
export class Door {
  readonly listener: Listener;
  now: Millis = 0;
  readonly #out = new Uint8Array(70_000);

  constructor(config: Partial<SessionConfig> = {}, limits: Partial<ListenerLimits> = {}) {
    this.listener = new Listener(
      sessionConfig(config),
      new SeededPrng(1, 'listener'),
      simulatedCookies,
      plainAcceptor,
      limits,
    );
  }

  /** Lets it hear a datagram; returns everything it sends then. */
  hear(datagram: Uint8Array, from = CALLER): Answer[] {
    this.listener.handleDatagram(this.now, datagram.slice(), from);
    return this.drain();
  }

  /** Everything it sends now. */
  drain(): Answer[] {
    this.listener.handleTimeout(this.now);
    const answers: Answer[] = [];
    for (;;) {
      const transmit = this.listener.pollTransmit(this.now, this.#out);
      if (transmit === undefined) return answers;
      const { to, length: size } = transmit;
      answers.push({ ...decodePacket(this.#out.slice(0, size)), to, size });
    }
  }

  /** The cookie for an address and an id, asked for as everyone has to. */
  cookie(from = CALLER, initiatorId = ID): Uint8Array {
    const [answer] = this.hear(helloBytes({ initiatorId }), from);
    if (answer?.kind !== 'cookie') throw new Error(`answered with ${answer?.kind}`);
    return answer.cookie;
  }

  /** Says HELLO with a fresh cookie; returns the ACCEPT. */
  accept(from = CALLER, initiatorId = ID): Accept {
    const [answer] = this.hear(helloBytes({ initiatorId, cookie: this.cookie(from, initiatorId) }), from);
    if (answer?.kind !== 'accept') throw new Error(`answered with ${answer?.kind}`);
    return answer;
  }

  /** A packet for the session of an ACCEPT. */
  hearFrames(
    { acceptorId: connectionId }: Accept,
    packetNumber: number,
    frames: readonly Frame[],
    from = CALLER,
  ): Answer[] {
    return this.hear(codecPacket('protected', { keyPhase: 0, connectionId, packetNumber, frames }), from);
  }
}
