import type { Millis } from '../base/units.ts';
import { answererConfig } from '../call/session-choices.ts';
import type { ChannelStats } from '../channel/stats.ts';
import { HmacCookies } from '../crypto/hmac-cookies.ts';
import { SystemRandom } from '../crypto/random.ts';
import { formatAddressKey, type SocketAddress } from '../net/address.ts';
import { AllowList } from '../net/allow-list.ts';
import { clock, Driver } from '../net/driver.ts';
import type { LiveChannels } from '../net/live-channels.ts';
import type { UdpSocket } from '../net/udp-socket.ts';
import type { AcceptorAgreement } from '../session/key-agreement.ts';
import type { Store } from '../transfer/ports.ts';
import { Receiver } from '../transfer/receiver.ts';
import { CLOSE_CODE } from '../wire/close-codes.ts';
import { nameOf } from './receive-event.ts';
import type { ReceiveOptions } from './receive-options.ts';
import type { ReceiveCounts, ReceiveProgress } from './receive-progress.ts';
import { TransferTallies } from './transfer-tallies.ts';

/** How long `close` waits until the last words have been said. */
const FAREWELL: Millis = 2000;

/** A store that a receiver has for itself. */
interface ReceiverStore extends Store {
  /** Whether a directory was made for it. */
  readonly created: boolean;
  /** Aborts what is not finished, and resolves when nothing is open any more. */
  close(): Promise<void>;
}

/** A receiver that serves until it is closed. */
export class FileReceiver {
  /** Where it listens. */
  readonly address: SocketAddress;
  /** The output directory was made for it. */
  readonly createdDirectory: boolean;
  readonly #store: ReceiverStore;
  readonly #receiver: Receiver;
  readonly #driver: Driver;
  readonly #channels: LiveChannels;
  readonly #onEvent: NonNullable<ReceiveOptions['onEvent']>;
  readonly #tallies = new TransferTallies();
  #farewell: (() => void) | undefined;
  #isClosing = false;
  #fail: (error: unknown) => void = () => {};
  #resolveClosed: () => void = () => {};
  /** Resolves when it was closed; rejects when it met a defect. */
  readonly closed: Promise<void>;

  constructor(
    socket: UdpSocket,
    store: ReceiverStore,
    channels: LiveChannels,
    agreement: AcceptorAgreement,
    options: ReceiveOptions,
  ) {
    this.address = socket.address;
    this.createdDirectory = store.created;
    this.#store = store;
    this.#onEvent = options.onEvent ?? (() => {});
    this.#channels = channels;
    this.closed = new Promise((resolve, reject) => {
      this.#resolveClosed = resolve;
      this.#fail = reject;
    });
    const wake = (): void => this.#driver.wake();
    const { allow, maxSessions } = options;
    const allowed = allow && new AllowList(allow);
    this.#receiver = new Receiver(
      store,
      answererConfig(options, this.#channels),
      new SystemRandom(),
      new HmacCookies(),
      agreement,
      wake,
      maxSessions === undefined ? {} : { sessions: maxSessions },
    );
    this.#driver = new Driver(
      socket,
      this.#receiver,
      {
        onTurn: (now) => this.#afterTurn(now),
        mayTalk: allowed && ((from) => allowed.has(from)),
        onDefect: (error) => {
          void store.close();
          this.#fail(error);
        },
      },
      this.#channels,
    );
    const { signal } = options;
    const close = (): void => void this.close();
    if (signal?.aborted) close();
    signal?.addEventListener('abort', close, { once: true });
  }

  /** The transfers going on. */
  get progress(): ReceiveProgress[] {
    const now = clock();
    return this.#receiver.incoming.map(({ id, session, transfer }) => {
      const { bytes, resumed, bytesTotal, current } = transfer.progress;
      return {
        transfer: id,
        peer: formatAddressKey(session.peer),
        name: current && nameOf(current.offer.path),
        bytes,
        resumed,
        bytesTotal: current !== undefined && current.offer.size === undefined ? undefined : bytesTotal,
        elapsed: now - (this.#tallies.startedAt(id) ?? now),
        srtt: session.rtt.latest === undefined ? undefined : session.rtt.srtt,
        stats: session.stats,
      };
    });
  }

  /** What came to the port, and what was made of it. */
  get counts(): ReceiveCounts {
    const { counts, sessionCount: sessions, pendingCount: pending } = this.#receiver.endpoint;
    return { ...counts, sessions, pending };
  }

  /** What the channel did so far; undefined: none was asked for. */
  get channel(): { readonly out: ChannelStats; readonly in: ChannelStats } | undefined {
    return this.#channels.stats();
  }

  /**
   * Tells every sender, by a close code (PROTOCOL.md), publishes nothing that is unfinished, frees the port. May be called
   * again. After SHUTTING_DOWN senders call again for a while (`SendOptions.retryFor`).
   */
  close(reason = 'the receiver was stopped', code: number = CLOSE_CODE.cancelled): Promise<void> {
    if (!this.#isClosing) void this.#close(reason, code).then(this.#resolveClosed, this.#fail);
    this.#isClosing = true;
    return this.closed;
  }

  async #close(reason: string, code: number): Promise<void> {
    const said = new Promise<void>((resolve) => {
      this.#farewell = resolve;
    });
    this.#receiver.shutDown(clock(), code, reason);
    this.#driver.wake();
    const timer = setTimeout(() => this.#farewell?.(), FAREWELL);
    await said;
    clearTimeout(timer);
    await this.#driver.stop();
    await this.#store.close();
  }

  #afterTurn(now: Millis): void {
    for (let event = this.#receiver.pollEvent(); event !== undefined; event = this.#receiver.pollEvent()) {
      this.#onEvent(this.#tallies.take(now, event));
    }
    if (this.#farewell !== undefined && this.#receiver.endpoint.farewellsSaid) this.#farewell();
  }
}
