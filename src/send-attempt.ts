import type { Bytes, Millis } from './base/units.ts';
import { SystemRandom } from './crypto/random.ts';
import { addressKey } from './net/address.ts';
import { clock, Driver } from './net/driver.ts';
import { checkMtu, interfaceMtu, payloadOf } from './net/interface-mtu.ts';
import type { LiveChannels } from './net/live-channels.ts';
import type { HostAddress } from './net/resolve.ts';
import { UdpSocket } from './net/udp-socket.ts';
import type { SessionConfig } from './session/config.ts';
import type { InitiatorAgreement } from './session/key-agreement.ts';
import type { Session } from './session/session.ts';
import type { OutgoingEntry } from './transfer/ports.ts';
import { Sender, type SenderEnd } from './transfer/sender.ts';

const PROGRESS_INTERVAL: Millis = 100;

/** What is sent, through which channel, and who wants to know. */
export interface Sending {
  readonly entries: readonly OutgoingEntry[];
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
  readonly onProgress: ((sender: Sender) => void) | undefined;
}

/** How a sending to one address went. */
export interface SendOutcome {
  readonly end: SenderEnd;
  readonly sender: Sender;
  /** When it began to call, and when the end was known: the goodbye came later. */
  readonly startedAt: Millis;
  readonly endedAt: Millis;
}

/** Nobody was there: another address of the host may still answer. */
function isUnanswered(end: SenderEnd): boolean {
  return end.kind === 'no-session' && (end.failure.kind === 'unreachable' || end.failure.kind === 'connect-timeout');
}

/** One sender, driven until its goodbye is said. */
export class SendAttempt {
  /** How it went; undefined: it was abandoned. Rejects with a defect. */
  readonly over: Promise<SendOutcome | undefined>;
  readonly #startedAt = clock();
  readonly #sender: Sender;
  readonly #driver: Driver;
  readonly #onAnswer: () => void;
  readonly #onSession: Sending['onSession'];
  #hasSession = false;
  #isAnswered = false;
  #endedAt: Millis | undefined;
  #settle: (end: SenderEnd | undefined) => void = () => {};
  #fail: (error: unknown) => void = () => {};

  private constructor(
    socket: UdpSocket,
    peer: string,
    { entries, session, agree, channels, signal, onSession, onProgress }: Sending,
    onAnswer: () => void,
  ) {
    this.#onAnswer = onAnswer;
    this.#onSession = onSession;
    const wake = (): void => this.#driver.wake();
    this.#sender = new Sender(this.#startedAt, entries, session, new SystemRandom(), peer, agree(), wake);
    const ended = new Promise<SenderEnd | undefined>((resolve, reject) => {
      this.#settle = resolve;
      this.#fail = reject;
    });
    const hooks = {
      onTurn: (now: Millis) => this.#afterTurn(now),
      onUnreachable: (now: Millis) => this.#sender.endpoint.handleUnreachable(now),
      onTooBig: (now: Millis) => this.#sender.endpoint.handleTooBig(now),
      onDefect: (error: unknown) => this.#fail(error),
    };
    this.#driver = new Driver(socket, this.#sender, hooks, channels);
    const report = (): void => onProgress?.(this.#sender);
    const cancel = (): void => {
      this.#sender.cancel(clock(), 'the sender was interrupted');
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
   * Begins to call. `onAnswer` is told once, from within a turn, that somebody is there or that the sending is over.
   * Rejects with UdpcpError ERR_UNREACHABLE when no way leads to the address, ERR_USAGE for an MTU that it cannot have.
   */
  static async begin({ address, family }: HostAddress, sending: Sending, onAnswer: () => void): Promise<SendAttempt> {
    const { port, mtu, session } = sending;
    checkMtu(mtu, address);
    const socket = await UdpSocket.connect({ address, port }, family);
    const sendLimit = payloadOf(mtu ?? interfaceMtu(socket.address.address), address);
    const limited = { ...sending, session: { ...session, sendLimit } };
    return new SendAttempt(socket, addressKey(address, port), limited, onAnswer);
  }

  /** Stops where it is, without a word: no turn follows. */
  abandon(): void {
    void this.#driver.stop();
    this.#settle(undefined);
  }

  #afterTurn(now: Millis): void {
    const { end, session, isDone } = this.#sender;
    const isAnswered = end === undefined ? session !== undefined : !isUnanswered(end);
    if (isAnswered && !this.#isAnswered) this.#onAnswer();
    this.#isAnswered = isAnswered;
    if (session !== undefined && !this.#hasSession) this.#onSession?.(session);
    this.#hasSession = session !== undefined;
    if (end === undefined) return;
    this.#endedAt ??= now;
    if (isDone) this.#settle(end);
  }

  async #finish(ended: Promise<SenderEnd | undefined>, report: () => void): Promise<SendOutcome | undefined> {
    try {
      const end = await ended;
      if (end === undefined) return undefined;
      report();
      return { end, sender: this.#sender, startedAt: this.#startedAt, endedAt: this.#endedAt ?? clock() };
    } finally {
      await this.#driver.stop();
    }
  }
}
