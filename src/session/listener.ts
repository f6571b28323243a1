import type { Prng } from '../base/prng.ts';
import type { Bytes, Millis } from '../base/units.ts';
import { type Accept, encodeAccept } from '../wire/accept.ts';
import { CLOSE_CODE } from '../wire/close-codes.ts';
import { idToHex } from '../wire/connection-id.ts';
import { encodeCookie } from '../wire/cookie.ts';
import { HELLO_TYPE, type Hello, peekCookie } from '../wire/hello.ts';
import { MIN_DATAGRAM, VERSION } from '../wire/limits.ts';
import { decodePacket } from '../wire/packet.ts';
import { isFor, isProtectedPacket, readIdLow } from '../wire/protected-header.ts';
import { encodeRefuse } from '../wire/refuse.ts';
import { encodeVersion } from '../wire/version.ts';
import { Agenda } from './agenda.ts';
import type { SessionConfig } from './config.ts';
import { CreditBudget, type CreditShare } from './credit-budget.ts';
import { type Endpoint, earliest, type Transmit } from './endpoint.ts';
import { type HandshakeRate, HandshakeRates } from './handshake-rates.ts';
import { ACCEPT_BOUND, type AcceptorAgreement, HELLO_BOUND, type HelloVerdict } from './key-agreement.ts';
import { emptyListenerCounts, type ListenerCounts } from './listener-counts.ts';
import { PendingSession } from './pending-session.ts';
import { PendingSessions } from './pending-sessions.ts';
import { type CookieJar, drawId } from './ports.ts';
import { ReplyQueue } from './reply-queue.ts';
import { Session } from './session.ts';
import { sessionTerms, settleTerms } from './session-terms.ts';

/** What a listener bounds. */
export interface ListenerLimits {
  readonly sessions: number;
  /** Sessions whose initiators have not been heard since their ACCEPTs: in all, and of one host once there are many. */
  readonly pending: number;
  readonly pendingPerHost: number;
  /** Sessions that one host may begin while many do. */
  readonly handshakes: HandshakeRate;
  /** Stream bytes that all sessions together are granted ahead of their readers. */
  readonly credit: Bytes;
}

const DEFAULT_LIMITS: ListenerLimits = {
  sessions: 256,
  pending: 256,
  pendingPerHost: 16,
  handshakes: { perSecond: 20, burst: 16 },
  credit: 256 * 1024 * 1024,
};

/** From this share of pending sessions on each host is held to its own: before, a crowd behind one address is welcome. */
const MANY_PENDING = 1 / 8;

/** A session with what has to be given back when it goes. */
interface Held {
  readonly session: Session;
  readonly caller: string;
  readonly share: CreditShare;
}

/**
 * The side that is called: proves addresses without keeping state, answers HELLOs, and holds the sessions that came
 * about. It never answers anything but a HELLO from a stranger, and always with less than it was sent.
 */
export class Listener implements Endpoint {
  readonly counts: ListenerCounts = emptyListenerCounts();
  readonly #config: SessionConfig;
  readonly #prng: Prng;
  readonly #cookies: CookieJar;
  readonly #agreement: AcceptorAgreement;
  readonly #limits: ListenerLimits;
  readonly #replies = new ReplyQueue();
  readonly #accept = new Uint8Array(MIN_DATAGRAM);
  readonly #budget: CreditBudget;
  readonly #rates: HandshakeRates;
  /** By the low half of our connection id, unique among ours. */
  readonly #held = new Map<number, Held>();
  /** By address and id of their initiators as they were in the HELLO. */
  readonly #callers = new Set<string>();
  readonly #pending = new PendingSessions();
  /** The others: those that have begun. */
  readonly #agenda = new Agenda<Session>();
  readonly #accepted: Session[] = [];
  /** Sessions to which something happened that their users may want to see. */
  readonly #news = new Set<Session>();
  /** While true every new session is refused: for good, or because there is room for no other than those that are open. */
  isShuttingDown = false;
  isOccupied = false;

  constructor(
    config: SessionConfig,
    prng: Prng,
    cookies: CookieJar,
    agreement: AcceptorAgreement,
    limits: Partial<ListenerLimits> = {},
  ) {
    this.#config = config;
    this.#prng = prng;
    this.#cookies = cookies;
    this.#agreement = agreement;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#budget = new CreditBudget(this.#limits.credit);
    this.#rates = new HandshakeRates(this.#limits.handshakes);
  }

  /** Sessions held: established, pending and closing. */
  get sessionCount(): number {
    return this.#held.size;
  }

  /** Of those, the ones whose initiators have not been heard since their ACCEPTs. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  /** No session is open, and everything about the ends of the others has been said. */
  get farewellsSaid(): boolean {
    return [...this.#held.values()].every(({ session }) => !session.confirmed || session.farewellSaid);
  }

  /** The next session whose initiator has proven itself. */
  pollAccept(): Session | undefined {
    return this.#accepted.shift();
  }

  /** The next session that heard something or ended since it was told last: its user's turn. */
  pollNews(): Session | undefined {
    for (const session of this.#news) {
      this.#news.delete(session);
      return session;
    }
    return undefined;
  }

  handleDatagram(now: Millis, datagram: Uint8Array, from: string): void {
    this.counts.datagramsReceived++;
    this.counts.bytesReceived += datagram.length;
    if (isProtectedPacket(datagram)) {
      this.#handleProtected(now, datagram, from);
      return;
    }
    // Everything else is an answer to something a listener never asks: no reply, so that no loop can start.
    if (datagram[0] !== HELLO_TYPE) {
      this.counts.strays++;
      return;
    }
    if (this.#held.size > this.#pending.size && !this.#mayLook(now, datagram, from)) {
      this.counts.hellosUnread++;
      return;
    }
    const packet = decodePacket(datagram);
    if (packet.kind === 'hello') this.#handleHello(now, packet, datagram, from);
    else if (packet.kind === 'unknown-version') {
      const { initiatorId } = packet;
      this.#replies.push(from, (out) => encodeVersion(out, { initiatorId, versions: [VERSION] }));
    } else this.counts.strays++;
  }

  handleTimeout(now: Millis): void {
    this.#dropOverdue(now);
    this.#agenda.handleTimeout(now, (session) => {
      if (session.end !== undefined) this.#news.add(session);
      if (session.isGone(now)) this.#forget(session);
    });
  }

  pollTransmit(now: Millis, out: Uint8Array): Transmit | undefined {
    const reply = this.#replies.pollTransmit(out);
    if (reply !== undefined) return reply;
    const turn = this.#agenda.pollTransmit(now, out);
    return turn && { length: turn.length, to: turn.item.peer };
  }

  pollTimeout(): Millis | undefined {
    return earliest(this.#pending.deadline, this.#agenda.pollTimeout());
  }

  /** Gives the place of a session that was closed to others at once: its peer is told, and not heard any more. */
  release(session: Session): void {
    const { lo } = session.terms.localId;
    const held = this.#held.get(lo);
    if (held?.session !== session) return;
    this.#held.delete(lo);
    this.#callers.delete(held.caller);
    held.share.close();
  }

  #handleProtected(now: Millis, datagram: Uint8Array, from: string): void {
    const held = this.#held.get(readIdLow(datagram));
    if (held === undefined || !isFor(datagram, held.session.terms.localId)) {
      this.counts.strays++;
      return;
    }
    const { session, caller } = held;
    const wasConfirmed = session.confirmed;
    session.handlePacket(now, datagram, from);
    if (!session.confirmed) return;
    if (!wasConfirmed) this.#begin(now, session, caller);
    this.#agenda.touch(session);
    this.#news.add(session);
  }

  /** Whoever brings a good cookie has waited for it: no flood of forged addresses has any. */
  #mayLook(now: Millis, hello: Uint8Array, from: string): boolean {
    const brought = peekCookie(hello);
    if (brought !== undefined && this.#cookies.isValid(now, from, brought.initiatorId, brought.cookie)) return true;
    return this.#rates.mayLook(now, from);
  }

  #begin(now: Millis, session: Session, caller: string): void {
    this.counts.confirmed++;
    this.#pending.take(caller)?.sampleRtt(now);
    session.onTouched = () => this.#agenda.touch(session);
    this.#accepted.push(session);
  }

  #handleHello(now: Millis, hello: Hello, datagram: Uint8Array, from: string): void {
    const { initiatorId, cookie } = hello;
    if (cookie === undefined || !this.#cookies.isValid(now, from, initiatorId, cookie)) {
      this.counts.cookies++;
      const baked = this.#cookies.bake(now, from, initiatorId);
      this.#replies.push(from, (out) => encodeCookie(out, { initiatorId, cookie: baked }));
      return;
    }
    const caller = `${from} ${idToHex(initiatorId)}`;
    this.#dropOverdue(now); // or its ACCEPT would be repeated for a session that is about to go
    const known = this.#pending.get(caller);
    if (known?.mayRepeat(now)) this.#replies.push(from, (out) => encodeAccept(out, known.accept));
    if (this.#callers.has(caller)) return; // or a late copy of a HELLO whose session has begun
    const refusal = this.#refusal(now, hello, from) ?? this.#open(now, caller, hello, datagram, from);
    if (refusal === undefined) return;
    if (refusal === CLOSE_CODE.busy) this.counts.refusedBusy++;
    else this.counts.refusedOther++;
    this.#replies.push(from, (out) => encodeRefuse(out, { initiatorId, reason: refusal }));
  }

  #refusal(now: Millis, hello: Hello, from: string): number | undefined {
    if (this.isShuttingDown) return CLOSE_CODE.shuttingDown;
    if (this.isOccupied) return CLOSE_CODE.busy;
    const { protection } = this.#agreement;
    if (hello.protection !== protection)
      return protection === 'noise-psk' ? CLOSE_CODE.key : CLOSE_CODE.protectionRequired;
    const { pending, pendingPerHost } = this.#limits;
    // Those that came first stay: their initiators may take the session for begun and only be cut off for a while. But
    // hosts that hold many places yield them to hosts that hold few.
    if (this.#isFull && !this.#pending.mayYieldTo(from)) return CLOSE_CODE.busy;
    const areMany = this.#pending.size >= MANY_PENDING * pending;
    if (areMany && this.#pending.countFrom(from) >= pendingPerHost) return CLOSE_CODE.busy;
    return this.#rates.mayBegin(now, from) ? undefined : CLOSE_CODE.busy;
  }

  get #isFull(): boolean {
    return this.#held.size >= this.#limits.sessions || this.#pending.size >= this.#limits.pending;
  }

  /** Begins a session; returns the reason not to. */
  #open(now: Millis, caller: string, hello: Hello, datagram: Uint8Array, from: string): number | undefined {
    let localId = drawId(this.#prng);
    while (this.#held.has(localId.lo)) localId = drawId(this.#prng);
    const share = this.#budget.open(this.#config.creditWindow, this.#config.maxCreditWindow);
    const config = { ...this.#config, creditWindow: share.promised };
    const settled = settleTerms(config, hello);
    const terms = sessionTerms('acceptor', config, { localId, remoteId: hello.initiatorId }, settled, hello);
    const offer = { ...settled, initiatorId: hello.initiatorId, acceptorId: localId };
    const keys = this.#agreeOn(hello, datagram, offer);
    if (keys.kind === 'unauthentic') {
      share.close();
      return CLOSE_CODE.key;
    }
    const yielding = this.#isFull ? this.#pending.takeFromGreediest() : undefined;
    if (yielding !== undefined) this.#forget(yielding.session);
    const accept = { ...offer, keyAgreement: keys.keyAgreement };
    const session = new Session(now, terms, from, this.#prng, keys, undefined, share);
    this.counts.accepted++;
    this.#pending.add(new PendingSession(now, session, caller, accept));
    this.#callers.add(caller);
    this.#held.set(localId.lo, { session, caller, share });
    this.#replies.push(from, (out) => encodeAccept(out, accept));
    return undefined;
  }

  /** Before anything is kept: whoever does not have our key leaves no trace. */
  #agreeOn({ keyAgreement }: Hello, hello: Uint8Array, offer: Omit<Accept, 'kind'>): HelloVerdict {
    encodeAccept(this.#accept, offer);
    return this.#agreement.answer(hello.subarray(0, HELLO_BOUND), keyAgreement, this.#accept.subarray(0, ACCEPT_BOUND));
  }

  /** Frees the sessions whose initiators were not heard in time. */
  #dropOverdue(now: Millis): void {
    for (let over = this.#pending.takeOverdue(now); over !== undefined; over = this.#pending.takeOverdue(now)) {
      this.#forget(over.session);
    }
  }

  #forget(session: Session): void {
    this.#agenda.remove(session);
    this.release(session);
  }
}
