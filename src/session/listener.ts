import type { Prng } from '../base/prng.ts';
import type { Bytes, Millis } from '../base/units.ts';
import { encodeAccept } from '../wire/accept.ts';
import { CLOSE_CODE } from '../wire/close-codes.ts';
import { idToHex, sameId } from '../wire/connection-id.ts';
import { encodeCookie } from '../wire/cookie.ts';
import type { Hello } from '../wire/hello.ts';
import { VERSION } from '../wire/limits.ts';
import { decodePacket } from '../wire/packet.ts';
import { plainProtection } from '../wire/plain-protection.ts';
import type { ProtectedPacket } from '../wire/protected-header.ts';
import { encodeRefuse } from '../wire/refuse.ts';
import { encodeVersion } from '../wire/version.ts';
import type { SessionConfig } from './config.ts';
import { type Endpoint, earliest, type Transmit } from './endpoint.ts';
import { PendingSession } from './pending-session.ts';
import { type CookieJar, drawId } from './ports.ts';
import { ReplyQueue } from './reply-queue.ts';
import { Session } from './session.ts';
import { sessionTerms, settleTerms } from './session-terms.ts';

/** What a listener bounds. */
export interface ListenerLimits {
  readonly sessions: number;
  readonly pending: number;
}

const DEFAULT_LIMITS: ListenerLimits = { sessions: 256, pending: 256 };

/**
 * The side that is called: proves addresses without keeping state, answers HELLOs, and holds the sessions that came
 * about. It never answers anything but a HELLO from a stranger, and always with less than it was sent.
 */
export class Listener implements Endpoint {
  readonly #config: SessionConfig;
  readonly #prng: Prng;
  readonly #cookies: CookieJar;
  readonly #limits: ListenerLimits;
  readonly #replies = new ReplyQueue();
  /** By the low half of our connection id, unique among ours. */
  readonly #sessions = new Map<number, Session>();
  /** Answered HELLOs whose sender has not been heard since, by address and id. */
  readonly #pending = new Map<string, PendingSession>();
  readonly #accepted: Session[] = [];
  /** Whose turn it is to send, so that no session starves another. */
  #turn = 0;
  #order: Session[] = [];
  /** While true every new session is refused. */
  isShuttingDown = false;

  constructor(config: SessionConfig, prng: Prng, cookies: CookieJar, limits: Partial<ListenerLimits> = {}) {
    this.#config = config;
    this.#prng = prng;
    this.#cookies = cookies;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** Sessions held: established, pending and closing. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** No session is open, and everything about the ends of the others has been said. */
  get farewellsSaid(): boolean {
    return this.#order.every((session) => !session.confirmed || session.farewellSaid);
  }

  /** The next session whose initiator has proven itself. */
  pollAccept(): Session | undefined {
    return this.#accepted.shift();
  }

  handleDatagram(now: Millis, datagram: Uint8Array, from: string): void {
    const packet = decodePacket(datagram);
    if (packet.kind === 'protected') this.#handleProtected(now, packet, datagram, from);
    else if (packet.kind === 'hello') this.#handleHello(now, packet, from);
    else if (packet.kind === 'unknown-version') {
      const { initiatorId } = packet;
      this.#replies.push(from, (out) => encodeVersion(out, { initiatorId, versions: [VERSION] }));
    }
    // Everything else is an answer to something a listener never asks: no reply, so that no loop can start.
  }

  handleTimeout(now: Millis): void {
    this.#dropOverdue(now);
    for (const session of this.#order) {
      if (!session.confirmed) continue; // its time is that of its pending session
      session.handleTimeout(now);
      if (session.isGone(now)) this.#forget(session);
    }
  }

  pollTransmit(now: Millis, out: Uint8Array): Transmit | undefined {
    const reply = this.#replies.pollTransmit(out);
    if (reply !== undefined) return reply;
    for (let tried = 0; tried < this.#order.length; tried++) {
      const session = this.#order[this.#turn++ % this.#order.length] as Session;
      if (!session.confirmed) continue;
      const to = session.peer;
      const length: Bytes = session.pollTransmit(now, out);
      if (length > 0) return { length, to };
    }
    this.#turn = this.#order.length === 0 ? 0 : this.#turn % this.#order.length;
    return undefined;
  }

  pollTimeout(): Millis | undefined {
    let deadline: Millis | undefined;
    for (const pending of this.#pending.values()) deadline = earliest(deadline, pending.deadline);
    for (const session of this.#order) {
      if (session.confirmed) deadline = earliest(deadline, session.pollTimeout());
    }
    return deadline;
  }

  #handleProtected(now: Millis, packet: ProtectedPacket, datagram: Uint8Array, from: string): void {
    const session = this.#sessions.get(packet.connectionId.lo);
    if (session === undefined || !sameId(session.terms.localId, packet.connectionId)) return;
    const wasConfirmed = session.confirmed;
    session.handlePacket(now, packet, datagram, from);
    if (wasConfirmed || !session.confirmed) return;
    for (const [key, pending] of this.#pending) {
      if (pending.session !== session) continue;
      pending.sampleRtt(now);
      this.#pending.delete(key);
    }
    this.#accepted.push(session);
  }

  #handleHello(now: Millis, hello: Hello, from: string): void {
    const { initiatorId, cookie } = hello;
    if (cookie === undefined || !this.#cookies.isValid(now, from, initiatorId, cookie)) {
      const baked = this.#cookies.bake(now, from, initiatorId);
      this.#replies.push(from, (out) => encodeCookie(out, { initiatorId, cookie: baked }));
      return;
    }
    const key = `${from} ${idToHex(initiatorId)}`;
    this.#dropOverdue(now); // or its ACCEPT would be repeated for a session that is about to go
    const known = this.#pending.get(key);
    if (known !== undefined) {
      if (known.mayRepeat(now)) this.#replies.push(from, (out) => encodeAccept(out, known.accept));
      return;
    }
    // A late copy of a HELLO whose session has begun.
    if (this.#order.some((session) => session.peer === from && sameId(session.terms.remoteId, initiatorId))) return;
    const refusal = this.#refusal(hello);
    if (refusal !== undefined) this.#replies.push(from, (out) => encodeRefuse(out, { initiatorId, reason: refusal }));
    else this.#open(now, key, hello, from);
  }

  #refusal(hello: Hello): number | undefined {
    if (this.isShuttingDown) return CLOSE_CODE.shuttingDown;
    if (hello.protection !== 'plain') return CLOSE_CODE.protectionRequired;
    const full = this.#sessions.size >= this.#limits.sessions || this.#pending.size >= this.#limits.pending;
    return full ? CLOSE_CODE.busy : undefined;
  }

  #open(now: Millis, key: string, hello: Hello, from: string): void {
    let localId = drawId(this.#prng);
    while (this.#sessions.has(localId.lo)) localId = drawId(this.#prng);
    const settled = settleTerms(this.#config, hello);
    const ids = { localId, remoteId: hello.initiatorId };
    const session = new Session(
      now,
      sessionTerms('acceptor', this.#config, ids, settled, hello),
      from,
      this.#prng,
      plainProtection,
    );
    const accept = { ...settled, initiatorId: hello.initiatorId, acceptorId: localId };
    this.#pending.set(key, new PendingSession(now, session, accept));
    this.#sessions.set(localId.lo, session);
    this.#order.push(session);
    this.#replies.push(from, (out) => encodeAccept(out, accept));
  }

  /** Frees the sessions whose initiators were not heard in time. */
  #dropOverdue(now: Millis): void {
    for (const [key, pending] of this.#pending) {
      if (!pending.isOver(now)) continue;
      this.#pending.delete(key);
      this.#forget(pending.session);
    }
  }

  #forget(session: Session): void {
    this.#sessions.delete(session.terms.localId.lo);
    this.#order = this.#order.filter((other) => other !== session);
  }
}
