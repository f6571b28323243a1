import { setTimeout as wait } from 'node:timers/promises';
import type { Millis } from '../base/units.ts';
import { callFirst } from '../call/address-race.ts';
import type { Call, CallOutcome } from '../call/call-attempt.ts';
import { SystemRandom } from '../crypto/random.ts';
import { UdpcpError } from '../errors.ts';
import { clock } from '../net/driver.ts';
import { type HostAddress, resolveHostApart } from '../net/resolve.ts';
import type { Session } from '../session/session.ts';
import type { SessionStats } from '../session/stats.ts';
import type { EntryOutcome } from '../transfer/outcome.ts';
import type { OutgoingEntry } from '../transfer/ports.ts';
import { Sender, type SenderEnd } from '../transfer/sender.ts';
import { nextCall, RetryPauses } from './retry-policy.ts';
import { SendLedger } from './send-ledger.ts';
import type { Reconnecting, RetryEvent, SendProgress, SendResumption } from './send-progress.ts';

/** Between two reports while nobody is called. */
const PROGRESS_INTERVAL: Millis = 100;
/** How long a call waits for the name service, which may be as far away as the receiver. */
const LOOKUP_PATIENCE: Millis = 250;

/** What is sent, and for how long a lost receiver is called again. */
export interface PersistentSending extends Omit<Call<Sender>, 'caller' | 'onProgress'> {
  readonly entries: readonly OutgoingEntry[];
  readonly host: string;
  /** Of the host, as they were found. */
  readonly addresses: readonly HostAddress[];
  /** Counts from the loss of a session, anew whenever one after it got further than all before; 0: never. */
  readonly retryFor: Millis;
  /** What an end means to people. */
  readonly explain: (end: SenderEnd) => UdpcpError | undefined;
  readonly onRetry: ((event: RetryEvent) => void) | undefined;
  readonly onResume: ((resumption: SendResumption) => void) | undefined;
  readonly onProgress: ((progress: SendProgress) => void) | undefined;
  /** Called as often, with one outcome per entry; undefined: not known yet. */
  readonly onOutcomes: ((outcomes: readonly (EntryOutcome | undefined)[]) => void) | undefined;
}

/** What a sending came to over all its sessions. */
export interface PersistentOutcome {
  /** Of the last session, or of the one that was lost; with the outcomes of all entries. */
  readonly end: SenderEnd;
  /** The last one; undefined: there was none. */
  readonly session: Session | undefined;
  /** Of all sessions. */
  readonly stats: SessionStats | undefined;
  /** From the first HELLO to the end. */
  readonly elapsed: Millis;
  /** Sessions after the first. */
  readonly reconnections: number;
  /** For how long it tried in vain to get another session; undefined: it did not give up. */
  readonly triedFor: Millis | undefined;
}

/**
 * Sends until every entry has its outcome. A session that is lost is followed by another one with the entries that have
 * none, as long as that may help; what the receiver already has it says itself. Rejects like `callFirst`, before the
 * first session only.
 */
export function sendPersistently(sending: PersistentSending): Promise<PersistentOutcome> {
  const persistence = new Persistence(sending);
  return persistence.run().finally(() => persistence.close());
}

/** Makes those who send these entries. */
export function senderOf(entries: readonly OutgoingEntry[]): Call<Sender>['caller'] {
  return (now, ...parts) => new Sender(now, entries, ...parts);
}

/** Since when a session is missing, and why. */
interface Loss {
  readonly at: Millis;
  readonly end: SenderEnd;
}

/** The end of a call that could not even be made. */
const NO_WAY = { end: { kind: 'no-session', failure: { kind: 'unreachable' }, outcomes: [] } } as const;

class Persistence {
  readonly #sending: PersistentSending;
  readonly #ledger: SendLedger;
  readonly #random = new SystemRandom();
  readonly #pauses = new RetryPauses();
  #addresses: readonly HostAddress[];
  #isLookingUp = false;
  readonly #over = new AbortController();
  /** Undefined: there is a session that got further than those before, or the first one is being tried. */
  #loss: Loss | undefined;
  /** Calls since the last session was lost. */
  #attempt = 0;
  #session: Session | undefined;
  #reconnections = 0;
  #startedAt: Millis | undefined;

  constructor(sending: PersistentSending) {
    this.#sending = sending;
    this.#ledger = new SendLedger(sending.entries);
    this.#addresses = sending.addresses;
  }

  async run(): Promise<PersistentOutcome> {
    const { retryFor, signal } = this.#sending;
    for (;;) {
      const calledAt = clock();
      const outcome = await this.#call();
      const { end } = outcome ?? NO_WAY;
      const endedAt = outcome?.endedAt ?? clock();
      if (outcome !== undefined) this.#take(outcome);
      const next = nextCall(end, this.#loss !== undefined);
      if (next !== undefined && this.#ledger.remaining.length === 0)
        return this.#outcome({ kind: 'complete' }, endedAt);
      if (next === undefined || retryFor === 0) return this.#outcome(end, endedAt);
      const loss = this.#lose(end, endedAt);
      const pause = this.#pauses.next(next, endedAt - calledAt, this.#random.next());
      if (loss.at + retryFor <= clock() + pause) return this.#outcome(loss.end, endedAt, endedAt - loss.at);
      await this.#pause(pause);
      if (signal?.aborted) return this.#outcome({ kind: 'cancelled' }, clock());
    }
  }

  /** Nobody waits for the name service any more. */
  close(): void {
    this.#over.abort();
  }

  /** One call, and the session it may come to; undefined: there is no way to the receiver now. */
  async #call(): Promise<CallOutcome<Sender> | undefined> {
    const { session, onSession, onResume, onProgress, onOutcomes } = this.#sending;
    const left = this.#reconnecting()?.left ?? Infinity;
    const sending = {
      ...this.#sending,
      caller: senderOf(this.#ledger.remaining),
      session: { ...session, connectTimeout: Math.min(session.connectTimeout, left) },
      onSession: (begun: Session) => {
        this.#onSession();
        onSession?.(begun);
      },
      onProgress: (sender: Sender) => {
        if (onResume !== undefined) this.#ledger.resumptionsOf(sender).forEach(onResume);
        onProgress?.(this.#ledger.progress(sender, this.#reconnecting()));
        onOutcomes?.(this.#ledger.outcomesWith(sender));
      },
    };
    if (this.#loss === undefined) return callFirst(this.#addresses, sending);
    await this.#lookUp();
    try {
      return await callFirst(this.#addresses, sending);
    } catch (error) {
      if (error instanceof UdpcpError) return undefined; // no route, no address, no socket: that may pass
      throw error;
    }
  }

  #onSession(): void {
    if (this.#attempt === 0) return;
    this.#attempt = 0;
    if (this.#session !== undefined) this.#reconnections++;
    this.#sending.onRetry?.({ kind: 'connected', reconnections: this.#reconnections });
  }

  /** Books what a call came to. */
  #take({ end, caller, startedAt }: CallOutcome<Sender>): void {
    this.#startedAt ??= startedAt;
    this.#session = caller.session ?? this.#session;
    if (!this.#ledger.add(caller, end.outcomes)) return;
    this.#loss = undefined;
    this.#pauses.reset();
  }

  /** Tells that there is no session any more, and of the call that comes. */
  #lose(end: SenderEnd, now: Millis): Loss {
    const { onRetry, explain, retryFor } = this.#sending;
    const loss = this.#loss ?? { at: now, end };
    this.#loss = loss;
    const why = this.#attempt === 0 ? explain(end) : undefined;
    if (why !== undefined) onRetry?.({ kind: 'lost', why, retryFor });
    this.#attempt++;
    onRetry?.({ kind: 'calling', ...this.#reconnectingAt(loss, now) });
    return loss;
  }

  #reconnecting(): Reconnecting | undefined {
    return this.#loss && this.#reconnectingAt(this.#loss, clock());
  }

  #reconnectingAt({ at }: Loss, now: Millis): Reconnecting {
    const { retryFor } = this.#sending;
    return { attempt: this.#attempt, left: Math.max(0, at + retryFor - now), of: retryFor };
  }

  async #pause(time: Millis): Promise<void> {
    const { signal, onProgress } = this.#sending;
    const report = (): void => onProgress?.(this.#ledger.progress(undefined, this.#reconnecting()));
    const timer = setInterval(report, PROGRESS_INTERVAL);
    report();
    await wait(time, undefined, { signal }).catch(() => {}); // interrupted: whoever waits looks at the signal
    clearInterval(timer);
  }

  /** Addresses change when a network does. A name service that is away must not hold up the call. */
  async #lookUp(): Promise<void> {
    if (this.#isLookingUp) return;
    this.#isLookingUp = true;
    const found = resolveHostApart(this.#sending.host, this.#over.signal).then(
      (addresses) => {
        this.#addresses = addresses;
      },
      () => {}, // the old ones may still do
    );
    const done = found.finally(() => {
      this.#isLookingUp = false;
    });
    await Promise.race([done, wait(LOOKUP_PATIENCE, undefined, { ref: false })]);
  }

  #outcome(
    end: SenderEnd | { readonly kind: 'complete' | 'cancelled' },
    endedAt: Millis,
    triedFor?: Millis,
  ): PersistentOutcome {
    return {
      end: { ...end, outcomes: this.#ledger.outcomes },
      session: this.#session,
      stats: this.#ledger.stats,
      elapsed: endedAt - (this.#startedAt ?? endedAt),
      reconnections: this.#reconnections,
      triedFor,
    };
  }
}
