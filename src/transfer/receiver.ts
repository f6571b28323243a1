import type { Prng } from '../base/prng.ts';
import type { Millis } from '../base/units.ts';
import type { SessionConfig } from '../session/config.ts';
import type { Host } from '../session/host.ts';
import type { AcceptorAgreement } from '../session/key-agreement.ts';
import { Listener, type ListenerLimits } from '../session/listener.ts';
import type { CookieJar } from '../session/ports.ts';
import type { Session } from '../session/session.ts';
import { CLOSE_CODE } from '../wire/close-codes.ts';
import { Crowding, SILENCE_IN_A_CROWD } from './crowding.ts';
import type { ReceivedOutcome, Resumption } from './incoming-entries.ts';
import { MinimumPace } from './minimum-pace.ts';
import type { Owner, Store } from './ports.ts';
import { ReceivingTransfer } from './receiving.ts';
import { encodeText } from './text.ts';

/**
 * How one incoming transfer ended. Complete: every entry got its last word; what each became is told one by one.
 * Replaced: it had fallen silent, and a newer one goes on with what it began.
 */
export type IncomingEnd =
  | { readonly kind: 'complete' | 'silence' | 'cancelled' | 'no-progress' | 'replaced' }
  | { readonly kind: 'closed-by-peer'; readonly code: number; readonly reason: Uint8Array }
  | { readonly kind: 'violation'; readonly text: string };

/** While we wait for a sender so long, it says something: or the place that it holds goes to another. */
const PATIENCE: Millis = 60_000;

/** One transfer that a receiver has taken on. */
export interface Incoming {
  /** Counts from 1 over the receiver's life. */
  readonly id: number;
  readonly session: Session;
  readonly transfer: ReceivingTransfer;
  readonly pace: MinimumPace;
  readonly owner: Owner;
  /** Of its entries, those that were refused or failed. */
  failures: number;
  readonly since: Millis;
}

/** What happened, in order. */
export type ReceiverEvent =
  | { readonly kind: 'started'; readonly incoming: Incoming }
  | { readonly kind: 'resuming'; readonly incoming: Incoming; readonly resumption: Resumption }
  | { readonly kind: 'entry'; readonly incoming: Incoming; readonly outcome: ReceivedOutcome }
  | { readonly kind: 'ended'; readonly incoming: Incoming; readonly end: IncomingEnd };

/** A listener whose sessions are transfers into one store. */
export class Receiver implements Host {
  readonly endpoint: Listener;
  readonly #store: Store;
  readonly #wake: () => void;
  readonly #events: ReceiverEvent[] = [];
  readonly #incoming = new Map<Session, Incoming>();
  /** Those with something to do: their session has news, or the store. */
  #due = new Set<Incoming>();
  /** Those whose place another has taken. */
  readonly #replaced = new WeakSet<Incoming>();
  readonly #crowding: Crowding;
  #isCrowded = false;
  #count = 0;

  /** `wake` is called when the store has something new: a turn is due. */
  constructor(
    store: Store,
    config: SessionConfig,
    prng: Prng,
    cookies: CookieJar,
    agreement: AcceptorAgreement,
    wake: () => void,
    limits: Partial<ListenerLimits> = {},
  ) {
    this.endpoint = new Listener(config, prng, cookies, agreement, limits);
    this.#crowding = new Crowding(this.endpoint.counts);
    this.#store = store;
    this.#wake = wake;
  }

  /** The transfers that are not over. */
  get incoming(): readonly Incoming[] {
    return [...this.#incoming.values()];
  }

  pollEvent(): ReceiverEvent | undefined {
    return this.#events.shift();
  }

  step(now: Millis): void {
    for (let session = this.endpoint.pollAccept(); session !== undefined; session = this.endpoint.pollAccept()) {
      const incoming = this.#take(now, session);
      this.#incoming.set(session, incoming);
      this.#events.push({ kind: 'started', incoming });
    }
    for (let session = this.endpoint.pollNews(); session !== undefined; session = this.endpoint.pollNews()) {
      const incoming = this.#incoming.get(session);
      if (incoming !== undefined) this.#due.add(incoming);
    }
    this.#isCrowded = this.#crowding.poll();
    for (const incoming of this.#isCrowded ? this.#incoming.values() : [])
      if (this.#isCrowdedOut(now, incoming)) this.#due.add(incoming);
    const due = this.#due;
    this.#due = new Set();
    for (const incoming of due) {
      const end = this.#stepOne(now, incoming);
      for (const resumption of incoming.transfer.takeResumptions())
        this.#events.push({ kind: 'resuming', incoming, resumption });
      for (const outcome of incoming.transfer.takeOutcomes()) {
        if (outcome.status === 'refused' || outcome.status === 'failed') incoming.failures++;
        this.#events.push({ kind: 'entry', incoming, outcome });
      }
      if (end === undefined) continue;
      this.#store.over?.(incoming.owner, end.kind === 'complete' && incoming.failures === 0);
      this.#events.push({ kind: 'ended', incoming, end });
      this.#incoming.delete(incoming.session);
    }
  }

  /** Takes no more sessions, ends those that are open and tells their peers why. */
  shutDown(now: Millis, code: number, reason: string): void {
    this.endpoint.isShuttingDown = true;
    for (const incoming of this.#incoming.values()) {
      if (incoming.transfer.state !== 'complete') incoming.session.close(now, code, encodeText(reason));
      this.#due.add(incoming);
    }
  }

  #take(now: Millis, session: Session): Incoming {
    const turn = (): void => {
      if (this.#incoming.has(session)) this.#due.add(incoming);
      this.#wake();
    };
    const owner: Owner = {
      get heardAt() {
        return session.heardAt;
      },
      ping: () => {
        session.ping();
        this.#wake();
      },
      replace: () => {
        this.#replaced.add(incoming);
        turn();
      },
    };
    const transfer = new ReceivingTransfer(this.#store, session, turn, owner);
    const incoming: Incoming = {
      id: ++this.#count,
      session,
      transfer,
      // A session that outlives long silences outlives paths that let nothing through for as long.
      pace: new MinimumPace(Math.max(PATIENCE, 2 * session.terms.idleTimeout)),
      owner,
      failures: 0,
      since: now,
    };
    return incoming;
  }

  /** Somebody finds no room, and this one has not said a word. */
  #isCrowdedOut(now: Millis, { transfer, since }: Incoming): boolean {
    return this.#isCrowded && transfer.bytesRead === 0 && now - since >= SILENCE_IN_A_CROWD;
  }

  #stepOne(now: Millis, incoming: Incoming): IncomingEnd | undefined {
    const { session, transfer, pace } = incoming;
    transfer.step(); // before the session's end is looked at: the last message may have come with it
    if (transfer.state === 'complete') {
      // The last receipt has to reach the sender: over only when it was acknowledged, or nobody is there any more.
      if (session.writeFinished) session.close(now, CLOSE_CODE.noError);
      return session.end === undefined ? undefined : { kind: 'complete' };
    }
    if (transfer.violation !== undefined) {
      session.close(now, CLOSE_CODE.transfer, encodeText(transfer.violation));
      return { kind: 'violation', text: transfer.violation };
    }
    if (this.#replaced.has(incoming)) {
      session.close(now, CLOSE_CODE.replaced, encodeText('a newer sender goes on with the same file'));
      transfer.abort();
      return { kind: 'replaced' };
    }
    if (session.end === undefined) {
      // A sender that fell silent is found by its session; this one talks and does nothing.
      const isTooSlow = pace.isTooSlow(now, transfer.bytesRead, transfer.isWaiting, transfer.toRead);
      if (!isTooSlow && !this.#isCrowdedOut(now, incoming)) return undefined;
      const text = encodeText('the sender made no progress');
      session.close(now, isTooSlow ? CLOSE_CODE.noProgress : CLOSE_CODE.busy, text);
      if (!isTooSlow) this.endpoint.release(session);
      transfer.abort();
      return { kind: 'no-progress' };
    }
    transfer.abort();
    const { by, code, reason } = session.end;
    if (by === 'peer') return { kind: 'closed-by-peer', code, reason };
    if (by === 'silence') return { kind: 'silence' };
    return code === CLOSE_CODE.protocol
      ? { kind: 'violation', text: 'the sender broke the protocol' }
      : { kind: 'cancelled' };
  }
}
