import type { Prng } from '../base/prng.ts';
import type { Bytes, Millis } from '../base/units.ts';
import { SystemRandom } from '../crypto/random.ts';
import { addressKey } from '../net/address.ts';
import { clock, Driver } from '../net/driver.ts';
import { checkMtu, interfaceMtu, payloadOf } from '../net/interface-mtu.ts';
import type { LiveChannels } from '../net/live-channels.ts';
import type { HostAddress } from '../net/resolve.ts';
import { UdpSocket } from '../net/udp-socket.ts';
import type { SessionConfig } from '../session/config.ts';
import type { Host } from '../session/host.ts';
import type { ConnectFailure, Initiator } from '../session/initiator.ts';
import type { InitiatorAgreement } from '../session/key-agreement.ts';
import type { Session } from '../session/session.ts';
import { RouteWatch } from './route-watch.ts';

const PROGRESS_INTERVAL: Millis = 100;

/** A host that calls a peer and has one session with it. */
export interface Caller extends Host {
  readonly endpoint: Initiator;
  readonly session: Session | undefined;
  /** Known once it is over; the goodbye may still have to be said. */
  readonly end: { readonly kind: string; readonly failure?: ConnectFailure } | undefined;
  /** Over, and nothing is left to say. */
  readonly isDone: boolean;
  /** Gives up and tells the peer so. */
  cancel(now: Millis, reason: string): void;
}

/** What a caller is made from: the time, how it behaves, whom it calls, and how it asks for a turn. */
type CallerParts = readonly [
  now: Millis,
  config: SessionConfig,
  prng: Prng,
  peer: string,
  agreement: InitiatorAgreement,
  wake: () => void,
];

/** Who calls, through which channel, and who wants to know. */
export interface Call<C extends Caller> {
  /** Each attempt has a caller of its own; only one of them ever has a session. */
  readonly caller: (...parts: CallerParts) => C;
  readonly port: number;
  readonly session: SessionConfig;
  /** Each attempt has keys of its own. */
  readonly agree: () => InitiatorAgreement;
  /** Largest IP packet to send; undefined: what the interface says. */
  readonly mtu?: Bytes | undefined;
  readonly channels: LiveChannels;
  readonly signal: AbortSignal | undefined;
  /** Told once, as soon as there is a session. */
  readonly onSession?: ((session: Session) => void) | undefined;
  /** Called ten times a second, and once at the end. */
  readonly onProgress: ((caller: C) => void) | undefined;
}

/** How a call of one address went. */
export interface CallOutcome<C extends Caller> {
  readonly end: NonNullable<C['end']>;
  readonly caller: C;
  /** When it began to call, and when the end was known: the goodbye came later. */
  readonly startedAt: Millis;
  readonly endedAt: Millis;
}

/** Nobody was there: another address of the host may still answer. */
function isUnanswered({ failure }: NonNullable<Caller['end']>): boolean {
  return failure?.kind === 'unreachable' || failure?.kind === 'connect-timeout';
}

/** One caller, driven until its goodbye is said. */
export class CallAttempt<C extends Caller> {
  /** How it went; undefined: it was abandoned. Rejects with a defect. */
  readonly over: Promise<CallOutcome<C> | undefined>;
  readonly #startedAt = clock();
  readonly #caller: C;
  readonly #driver: Driver;
  readonly #route: RouteWatch;
  readonly #onAnswer: () => void;
  readonly #onSession: Call<C>['onSession'];
  #hasSession = false;
  #isAnswered = false;
  #endedAt: Millis | undefined;
  #settle: (end: NonNullable<C['end']> | undefined) => void = () => {};
  #fail: (error: unknown) => void = () => {};

  private constructor(
    socket: UdpSocket,
    peer: string,
    { caller, session, agree, channels, signal, onSession, onProgress }: Call<C>,
    onAnswer: () => void,
  ) {
    this.#onAnswer = onAnswer;
    this.#onSession = onSession;
    const wake = (): void => this.#driver.wake();
    this.#route = new RouteWatch(socket, () => {
      this.#caller.endpoint.handleMoved();
      wake();
    });
    this.#caller = caller(this.#startedAt, session, new SystemRandom(), peer, agree(), wake);
    const ended = new Promise<NonNullable<C['end']> | undefined>((resolve, reject) => {
      this.#settle = resolve;
      this.#fail = reject;
    });
    const hooks = {
      onTurn: (now: Millis) => this.#afterTurn(now),
      onUnreachable: (now: Millis) => this.#caller.endpoint.handleUnreachable(now),
      onTooBig: (now: Millis) => this.#caller.endpoint.handleTooBig(now),
      onDefect: (error: unknown) => this.#fail(error),
    };
    this.#driver = new Driver(socket, this.#caller, hooks, channels);
    const report = (): void => onProgress?.(this.#caller);
    const cancel = (): void => {
      this.#caller.cancel(clock(), 'the sender was interrupted');
      wake();
    };
    const timer = onProgress && setInterval(report, PROGRESS_INTERVAL);
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    this.over = this.#finish(ended, report).finally(() => {
      clearInterval(timer);
      signal?.removeEventListener('abort', cancel);
    });
    this.over.catch(() => {}); // whoever waits for it hears of it
  }

  /**
   * Begins to call. `onAnswer` is told once, from within a turn, that somebody is there or that it is over.
   * Rejects with UdpcpError ERR_UNREACHABLE when no way leads to the address, ERR_USAGE for an MTU that it cannot have.
   */
  static async begin<C extends Caller>(
    { address, family }: HostAddress,
    sending: Call<C>,
    onAnswer: () => void,
  ): Promise<CallAttempt<C>> {
    const { port, mtu, session } = sending;
    checkMtu(mtu, address);
    const socket = await UdpSocket.connect({ address, port }, family);
    const sendLimit = payloadOf(mtu ?? interfaceMtu(socket.address.address), address);
    const limited = { ...sending, session: { ...session, sendLimit } };
    return new CallAttempt(socket, addressKey(address, port), limited, onAnswer);
  }

  /** Stops where it is, without a word: no turn follows. */
  abandon(): void {
    void this.#driver.stop();
    this.#settle(undefined);
  }

  #afterTurn(now: Millis): void {
    const { end, session, isDone } = this.#caller;
    const isAnswered = end === undefined ? session !== undefined : !isUnanswered(end);
    if (isAnswered && !this.#isAnswered) this.#onAnswer();
    this.#isAnswered = isAnswered;
    if (session !== undefined && !this.#hasSession) this.#onSession?.(session);
    this.#hasSession = session !== undefined;
    this.#route.onTurn(now, session?.unansweredSince);
    if (end === undefined) return;
    this.#endedAt ??= now;
    if (isDone) this.#settle(end);
  }

  async #finish(
    ended: Promise<NonNullable<C['end']> | undefined>,
    report: () => void,
  ): Promise<CallOutcome<C> | undefined> {
    try {
      const end = await ended;
      if (end === undefined) return undefined;
      report();
      return { end, caller: this.#caller, startedAt: this.#startedAt, endedAt: this.#endedAt ?? clock() };
    } finally {
      await this.#driver.stop();
    }
  }
}
