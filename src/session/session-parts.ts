import { ARQ_STRATEGIES } from '../arq/registry.ts';
import type { Prng } from '../base/prng.ts';
import type { Millis, PacketNumber } from '../base/units.ts';
import { AckPace } from '../recovery/ack-pace.ts';
import { AckTracker } from '../recovery/ack-tracker.ts';
import type { RttEstimator } from '../recovery/rtt-estimator.ts';
import type { SentPacket } from '../recovery/sent-packet.ts';
import { ControlFrames } from './control-frames.ts';
import type { CreditShare } from './credit-budget.ts';
import { Ending } from './ending.ts';
import { Inbound } from './inbound.ts';
import type { SessionKeys } from './key-agreement.ts';
import { Liveness } from './liveness.ts';
import { Outbound } from './outbound.ts';
import { PacketNumbers } from './packet-numbers.ts';
import { Path } from './path.ts';
import type { SessionTerms } from './session-terms.ts';
import { emptyStats, lossRate, type SessionStats } from './stats.ts';

/** What a session is made from. */
export interface SessionOptions {
  readonly terms: SessionTerms;
  readonly peer: string;
  readonly prng: Prng;
  readonly keys: SessionKeys;
  readonly rtt: RttEstimator;
  readonly share: CreditShare;
  /** Packet numbers after this are for CLOSEs alone. */
  readonly lastNumber: PacketNumber;
}

/** The parts of one session, which what handles packets and what composes them share. */
export class SessionParts {
  readonly terms: SessionTerms;
  readonly keys: SessionKeys;
  readonly rtt: RttEstimator;
  readonly stats: SessionStats = emptyStats();
  readonly path: Path;
  readonly liveness: Liveness;
  readonly numbers: PacketNumbers;
  readonly outbound: Outbound;
  readonly inbound: Inbound;
  readonly acks: AckTracker;
  readonly control = new ControlFrames();
  readonly ending = new Ending();

  constructor(now: Millis, { terms, peer, prng, keys, rtt, share, lastNumber }: SessionOptions) {
    const strategy = ARQ_STRATEGIES[terms.arq];
    this.terms = terms;
    this.keys = keys;
    this.rtt = rtt;
    this.control.ping = terms.role === 'initiator'; // the acceptor waits for proof that its ACCEPT arrived
    this.path = new Path(peer, prng);
    this.numbers = new PacketNumbers(prng, lastNumber);
    this.liveness = new Liveness(now, terms.idleTimeout);
    this.inbound = new Inbound(now, strategy.keepsOutOfOrder, share, rtt);
    const ackEvery = strategy.acknowledgesEach ? 1 : terms.ackEvery;
    this.acks = new AckTracker(ackEvery ?? new AckPace(rtt, terms.maxAckDelay), terms.maxAckDelay);
    this.outbound = new Outbound({
      terms,
      rtt,
      prng,
      firstNumber: this.numbers.next,
      stats: this.stats,
      onLost: (packet) => this.#onLost(packet),
    });
  }

  /** Ends the session at once. The first call counts. */
  close(now: Millis, code: number, reason: Uint8Array = new Uint8Array(0)): void {
    if (this.ending.end !== undefined) return;
    const linger = this.outbound.recovery.patience;
    this.ending.close(now, code, reason, { lossRate: lossRate(this.stats), roundTrip: this.rtt.srtt, linger });
  }

  #onLost(packet: SentPacket): void {
    this.control.onLost(packet, this.inbound.credit.granted, this.path.token);
    const wasPing = packet.data === undefined && !packet.credit && !packet.path;
    if (wasPing && this.outbound.recovery.sent.packetsInFlight === 0) this.control.ping = true;
  }
}
