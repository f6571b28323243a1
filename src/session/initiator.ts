import type { Prng } from '../base/prng.ts';
import type { Bytes, Millis } from '../base/units.ts';
import { RttEstimator } from '../recovery/rtt-estimator.ts';
import type { Accept } from '../wire/accept.ts';
import { CLOSE_CODE } from '../wire/close-codes.ts';
import { type ConnectionId, sameId } from '../wire/connection-id.ts';
import { encodeHello, type Hello } from '../wire/hello.ts';
import { MIN_DATAGRAM } from '../wire/limits.ts';
import { decodePacket } from '../wire/packet.ts';
import { isFor, isProtectedPacket } from '../wire/protected-header.ts';
import type { SessionConfig } from './config.ts';
import { type Endpoint, earliest, type Transmit } from './endpoint.ts';
import { HelloSchedule } from './hello-schedule.ts';
import { type Hint, Hints } from './hints.ts';
import { ACCEPT_BOUND, HELLO_BOUND, type InitiatorAgreement } from './key-agreement.ts';
import { drawId } from './ports.ts';
import { RestartWatch } from './restart-watch.ts';
import { Session } from './session.ts';
import { isWithin, offeredTerms, sessionTerms } from './session-terms.ts';

/** Why no session came about: nobody answered in time, or somebody said why not. */
export type ConnectFailure = { readonly kind: 'connect-timeout' } | Hint;

/** The side that begins: says HELLO until it is answered, then has one session (PROTOCOL.md, section "Handshake"). */
export class Initiator implements Endpoint {
  readonly #config: SessionConfig;
  readonly #prng: Prng;
  readonly #peer: string;
  readonly #id: ConnectionId;
  readonly #agreement: InitiatorAgreement;
  /** The same in every HELLO. */
  readonly #offer: Omit<Hello, 'kind' | 'cookie'>;
  readonly #hints = new Hints();
  readonly #giveUpAt: Millis;
  readonly #schedule: HelloSchedule;
  #cookie: Uint8Array | undefined;
  #session: Session | undefined;
  #restarts: RestartWatch | undefined;
  #failure: ConnectFailure | undefined;

  constructor(now: Millis, config: SessionConfig, prng: Prng, peer: string, agreement: InitiatorAgreement) {
    this.#config = config;
    this.#prng = prng;
    this.#peer = peer;
    this.#id = drawId(prng);
    this.#agreement = agreement;
    this.#offer = withKeyAgreement({ ...offeredTerms(config, agreement.protection), initiatorId: this.#id }, agreement);
    this.#giveUpAt = now + config.connectTimeout;
    this.#schedule = new HelloSchedule(now);
  }

  /** The session; undefined while the handshake lasts and when it failed. */
  get session(): Session | undefined {
    return this.#session;
  }

  get failure(): ConnectFailure | undefined {
    return this.#failure;
  }

  handleDatagram(now: Millis, datagram: Uint8Array, from: string): void {
    // The acceptor's address does not change: what comes from elsewhere is not its.
    if (from !== this.#peer || this.#failure !== undefined) return;
    if (isProtectedPacket(datagram)) {
      if (this.#session !== undefined && isFor(datagram, this.#id)) this.#session.handlePacket(now, datagram, from);
      return;
    }
    const packet = decodePacket(datagram);
    switch (packet.kind) {
      case 'cookie':
        if (this.#isAwaited(packet.initiatorId)) this.#handleCookie(now, packet.cookie);
        else if (sameId(packet.initiatorId, this.#id)) this.#restarts?.onCookie(now);
        break;
      case 'accept':
        if (this.#isAwaited(packet.initiatorId)) this.#handleAccept(now, packet, datagram);
        break;
      case 'version':
        if (this.#isAwaited(packet.initiatorId)) this.#hint(now, { kind: 'version', versions: packet.versions });
        break;
      case 'refuse':
        if (!this.#isAwaited(packet.initiatorId)) break;
        if (packet.reason === CLOSE_CODE.busy) this.#schedule.onBusy();
        this.#hint(now, { kind: 'refused', code: packet.reason });
        break;
      case 'protected':
      case 'hello':
      case 'unknown-version':
      case 'malformed':
        break;
    }
  }

  /** The system says that nobody listens there (ICMP): a hint, because anyone can send that. */
  handleUnreachable(now: Millis): void {
    if (this.#session === undefined && this.#failure === undefined) this.#hint(now, { kind: 'unreachable' });
  }

  /** The system says that a datagram was too large for the path. */
  handleTooBig(now: Millis): void {
    this.#session?.handleTooBig(now);
  }

  /** Our own address is another one. */
  handleMoved(): void {
    this.#session?.handleMoved();
  }

  handleTimeout(now: Millis): void {
    if (this.#session !== undefined) {
      this.#session.handleTimeout(now);
      if (this.#restarts?.isForgotten(now)) this.#session.onForgotten();
    } else if (this.#failure === undefined && now >= this.#giveUpAt) {
      this.#failure = this.#hints.last ?? { kind: 'connect-timeout' };
    }
  }

  pollTransmit(now: Millis, out: Uint8Array): Transmit | undefined {
    if (this.#restarts?.poll(now)) return this.#transmit(encodeHello(out, { ...this.#offer, cookie: undefined }));
    if (this.#session !== undefined) return this.#transmit(this.#session.pollTransmit(now, out));
    if (this.#failure !== undefined || !this.#schedule.poll(now)) return undefined;
    return this.#transmit(encodeHello(out, { ...this.#offer, cookie: this.#cookie }));
  }

  pollTimeout(): Millis | undefined {
    if (this.#session !== undefined) return earliest(this.#session.pollTimeout(), this.#restarts?.deadline);
    return this.#failure === undefined ? earliest(this.#giveUpAt, this.#schedule.deadline) : undefined;
  }

  #transmit(length: Bytes): Transmit | undefined {
    return length === 0 ? undefined : { length, to: this.#peer };
  }

  #isAwaited(initiatorId: ConnectionId): boolean {
    return this.#session === undefined && sameId(initiatorId, this.#id);
  }

  #handleCookie(now: Millis, cookie: Uint8Array): void {
    // Only the first one is answered at once: a later one means that the first has expired, or is forged.
    if (this.#cookie === undefined) this.#schedule.onCookie(now);
    this.#cookie = cookie;
  }

  #handleAccept(now: Millis, accept: Accept, datagram: Uint8Array): void {
    if (!isWithin(accept, this.#offer)) return;
    const verdict = this.#agreement.judge(datagram.subarray(0, ACCEPT_BOUND), accept.keyAgreement);
    if (verdict.kind === 'unauthentic') return; // anyone can send those: the genuine one may still come
    if (verdict.kind === 'untrusted') {
      this.#hint(now, verdict);
      return;
    }
    const rtt = new RttEstimator();
    const sample = this.#schedule.roundTrip(now);
    if (sample !== undefined) rtt.sample(sample, 0);
    const ids = { localId: this.#id, remoteId: accept.acceptorId };
    const terms = sessionTerms('initiator', this.#config, ids, accept, accept);
    this.#session = new Session(now, terms, this.#peer, this.#prng, verdict, rtt);
    this.#restarts = new RestartWatch(this.#session);
  }

  #hint(now: Millis, hint: Hint): void {
    if (this.#hints.take(now, hint)) this.#failure = hint;
  }
}

/** The offer with what the key agreement says to a HELLO that begins with it. */
function withKeyAgreement(
  offer: Omit<Hello, 'kind' | 'cookie'>,
  agreement: InitiatorAgreement,
): Omit<Hello, 'kind' | 'cookie'> {
  const hello = new Uint8Array(MIN_DATAGRAM);
  encodeHello(hello, { ...offer, cookie: undefined });
  return { ...offer, keyAgreement: agreement.greet(hello.subarray(0, HELLO_BOUND)) };
}
