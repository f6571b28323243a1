import { SeededPrng } from '../../src/base/prng.ts';
import type { Bytes, Millis } from '../../src/base/units.ts';
import { RttEstimator } from '../../src/recovery/rtt-estimator.ts';
import { type SessionConfig, sessionConfig } from '../../src/session/config.ts';
import type { Endpoint } from '../../src/session/endpoint.ts';
import { plainKeys } from '../../src/session/plain-agreement.ts';
import { Session } from '../../src/session/session.ts';
import { offeredTerms, sessionTerms, settleTerms } from '../../src/session/session-terms.ts';
import { decodeFrames, type Frame } from '../../src/wire/frames.ts';
import { decodePacket } from '../../src/wire/packet.ts';
import { plainProtection } from '../../src/wire/plain-protection.ts';
import { PROTECTED } from '../../src/wire/protected-header.ts';
import { codecPacket } from '../wire/codec.ts';
import { byteAt, contentOf } from './content.ts';
import { type Datagram, Network } from './network.ts';

export type Side = 'initiator' | 'acceptor';

export const ADDRESSES: Record<Side, string> = { initiator: '10.0.0.1:5000', acceptor: '10.0.0.2:9000' };
const IDS = { initiator: { hi: 1, lo: 11 }, acceptor: { hi: 2, lo: 22 } };
const OTHER: Record<Side, Side> = { initiator: 'acceptor', acceptor: 'initiator' };

/** A datagram of a session, taken apart. */
export interface Seen {
  readonly at: Millis;
  readonly to: string;
  readonly size: Bytes;
  readonly number: number;
  readonly frames: readonly Frame[];
  readonly datagram: Datagram;
}

/** A session as an endpoint: what listener and initiator do once a session is there. */
function endpointOf(session: Session): Endpoint {
  return {
    handleDatagram(now, datagram, from) {
      const packet = decodePacket(datagram);
      if (packet.kind === 'protected') session.handlePacket(now, datagram, from);
    },
    handleTimeout: (now) => session.handleTimeout(now),
    pollTransmit(now, out) {
      const to = session.peer;
      const length = session.pollTransmit(now, out);
      return length === 0 ? undefined : { length, to };
    },
    pollTimeout: () => session.pollTimeout(),
  };
}

/** Takes a datagram apart; fails on one that is no protected packet. */
export function see(datagram: Datagram): Seen {
  const { bytes, to, sentAt: at } = datagram;
  const packet = decodePacket(bytes);
  if (packet.kind !== 'protected') throw new Error(`a ${packet.kind} packet`);
  const frames = decodeFrames(bytes, PROTECTED.frames, plainProtection.open(bytes, packet.packetNumber) ?? 0);
  if (!Array.isArray(frames)) throw new Error(`malformed frames: ${frames.reason}`);
  return { at, to, size: bytes.length, number: packet.packetNumber, frames, datagram };
}

/** Two sessions whose handshake is over, a round trip of 100 ms apart. Applications read at once unless `reads` says no. */
export class Pair extends Network {
  readonly sessions: Record<Side, Session>;
  readonly reads: Record<Side, boolean> = { initiator: true, acceptor: true };
  readonly #written: Record<Side, Bytes> = { initiator: 0, acceptor: 0 };
  readonly #received: Record<Side, Bytes> = { initiator: 0, acceptor: 0 };

  /** `lastNumbers`: after which a side has none left but for CLOSEs. */
  constructor(
    both: Partial<SessionConfig> = {},
    own: Partial<Record<Side, Partial<SessionConfig>>> = {},
    lastNumbers: Partial<Record<Side, number>> = {},
  ) {
    super();
    const configs = {
      initiator: sessionConfig({ ...both, ...own.initiator }),
      acceptor: sessionConfig({ ...both, ...own.acceptor }),
    };
    const hello = offeredTerms(configs.initiator, 'plain');
    const settled = settleTerms(configs.acceptor, hello);
    const create = (side: Side): Session => {
      const ids = { localId: IDS[side], remoteId: IDS[OTHER[side]] };
      const terms = sessionTerms(side, configs[side], ids, settled, side === 'initiator' ? settled : hello);
      const rtt = new RttEstimator();
      rtt.sample(2 * this.delay, 0);
      const peer = ADDRESSES[OTHER[side]];
      return new Session(this.now, terms, peer, new SeededPrng(1, side), plainKeys, rtt, undefined, lastNumbers[side]);
    };
    this.sessions = { initiator: create('initiator'), acceptor: create('acceptor') };
    for (const side of ['initiator', 'acceptor'] as const) {
      this.join(ADDRESSES[side], endpointOf(this.sessions[side]), () => this.#read(side));
    }
  }

  get initiator(): Session {
    return this.sessions.initiator;
  }

  get acceptor(): Session {
    return this.sessions.acceptor;
  }

  /** Lets the first PING be answered and forgets it: what is seen from now on is the test's own. */
  warm(): this {
    this.run(200);
    this.log.length = 0;
    return this;
  }

  /** The other side is gone: whatever a side hears from now on is forged by the test. */
  alone(side: Side): this {
    this.leave(ADDRESSES[OTHER[side]]);
    this.transit = [];
    return this;
  }

  /** Writes so many more bytes. */
  write(side: Side, length: Bytes): this {
    this.sessions[side].write(contentOf(this.#written[side], this.#written[side] + length));
    this.#written[side] += length;
    return this;
  }

  /** Bytes that a side has read, every one of them checked. */
  received(side: Side): Bytes {
    return this.#received[side];
  }

  /** Lets the initiator send so many bytes and end its stream, until all is acknowledged. Returns how long it took. */
  transfer(length: Bytes, budget: Millis): Millis {
    this.write('initiator', length);
    this.initiator.finish();
    const took = this.runUntil(() => this.initiator.writeFinished, budget);
    if (this.#received.acceptor !== length || !this.acceptor.readFinished) throw new Error('acknowledged but not read');
    return took;
  }

  /** Everything that a side sent, lost or not. */
  sent(side: Side): Seen[] {
    const { localId } = this.sessions[OTHER[side]].terms;
    return this.log.map(see).filter(({ datagram }) => {
      const packet = decodePacket(datagram.bytes);
      return packet.kind === 'protected' && packet.connectionId.lo === localId.lo;
    });
  }

  framesOf(datagram: Datagram): readonly Frame[] {
    return see(datagram).frames;
  }

  /** The stream offsets of the DATA frames that a side sent, in order. */
  offsets(side: Side): number[] {
    return this.sent(side).flatMap(({ frames }) =>
      frames.flatMap((frame) => (frame.kind === 'data' ? [frame.offset] : [])),
    );
  }

  /** A copy of the newest datagram that a side has on its way arrives first, from elsewhere. Returns its size. */
  race(side: Side, from: string): Bytes {
    const newest = this.transit.findLast(({ to }) => to === ADDRESSES[OTHER[side]]);
    if (newest === undefined) throw new Error('nothing is on its way');
    this.inject(from, newest.to, newest.bytes, this.now);
    this.settle();
    return newest.bytes.length;
  }

  /** A packet of the other side, forged, comes to a side. */
  forge(to: Side, packetNumber: number, frames: readonly Frame[], from = ADDRESSES[OTHER[to]]): this {
    const { localId: connectionId } = this.sessions[to].terms;
    const bytes = codecPacket('protected', { keyPhase: 0, connectionId, packetNumber, frames });
    this.inject(from, ADDRESSES[to], bytes, this.now);
    return this.settle() as this;
  }

  #read(side: Side): void {
    if (!this.reads[side]) return;
    const session = this.sessions[side];
    for (let bytes = session.read(); bytes !== undefined; bytes = session.read()) {
      const at = this.#received[side];
      const wrong = bytes.findIndex((byte, i) => byte !== byteAt(at + i));
      if (wrong !== -1) throw new Error(`byte ${at + wrong} is not what was written`);
      this.#received[side] += bytes.length;
      session.consumed(bytes.length);
    }
  }
}
