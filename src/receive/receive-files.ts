import type { Bytes, Millis } from '../base/units.ts';
import { answererConfig } from '../call/session-choices.ts';
import type { ChannelStats } from '../channel/stats.ts';
import { HmacCookies } from '../crypto/hmac-cookies.ts';
import { SystemRandom } from '../crypto/random.ts';
import { DEFAULT_PORT, formatAddressKey, type SocketAddress } from '../net/address.ts';
import { AllowList, type Network } from '../net/allow-list.ts';
import { clock, Driver } from '../net/driver.ts';
import { ANY_ADDRESS, checkMtu } from '../net/interface-mtu.ts';
import { type ChannelChoice, createChannels, type LiveChannels } from '../net/live-channels.ts';
import { UdpSocket } from '../net/udp-socket.ts';
import { acceptorAgreement, type ReceiveSecurity, securityOf } from '../security.ts';
import type { SessionConfig } from '../session/config.ts';
import type { AcceptorAgreement } from '../session/key-agreement.ts';
import type { ListenerCounts } from '../session/listener-counts.ts';
import type { SessionStats } from '../session/stats.ts';
import { FileStore, openStore, type StoreOptions } from '../store/file-store.ts';
import type { StreamStore } from '../store/stream-store.ts';
import type { EntryOutcome } from '../transfer/outcome.ts';
import type { Store } from '../transfer/ports.ts';
import { type Incoming, type IncomingEnd, Receiver, type ReceiverEvent } from '../transfer/receiver.ts';
import { CLOSE_CODE } from '../wire/close-codes.ts';
import { fileOf, nameOf, type ReceiveEvent, wordsOf } from './receive-event.ts';

/** Where received files go, and who may send. */
export interface ReceiveOptions extends StoreOptions {
  /** The directory; created when only its last component is missing. Or one file goes to a stream, whatever its name. */
  readonly out: string | StreamStore;
  /** Local address; every one of this machine unless given. */
  readonly address?: string | undefined;
  /** 9000 unless given; 0: any free one. */
  readonly port?: number | undefined;
  /** Who may send: datagrams from anywhere else are dropped unread. Everyone unless given. */
  readonly allow?: readonly Network[] | undefined;
  /** Transfers at once, those that are beginning included; 256 unless given. */
  readonly maxSessions?: number | undefined;
  readonly session?: Partial<SessionConfig> | undefined;
  /** Encrypted unless told otherwise. */
  readonly security?: ReceiveSecurity | undefined;
  /** Largest IP packet to take or send, 1228 (IPv6: 1248) to 65,535 bytes; unless given we take any and send small ones. */
  readonly mtu?: Bytes | undefined;
  /** A bad network to try it on. */
  readonly channel?: ChannelChoice | undefined;
  /** Closes the receiver, as its `close` does. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: ReceiveEvent) => void) | undefined;
}

/** How far one incoming transfer is. */
export interface ReceiveProgress {
  readonly transfer: number;
  readonly peer: string;
  readonly name: string | undefined;
  readonly bytes: Bytes;
  /** Of those, the ones that are here from an earlier time, as far as is known. */
  readonly resumed: Bytes;
  /** Undefined: what is coming is a stream, and nobody knows how long it is. */
  readonly bytesTotal: Bytes | undefined;
  /** Since the transfer began. */
  readonly elapsed: Millis;
  /** Smoothed round trip; undefined before the first sample. */
  readonly srtt: Millis | undefined;
  readonly stats: SessionStats;
}

/** What a receiver did since it began to listen, beside its transfers. */
export interface ReceiveCounts extends Readonly<ListenerCounts> {
  /** Sessions held: established, beginning and closing. */
  readonly sessions: number;
  /** Of those, the ones that are beginning. */
  readonly pending: number;
}

/** How long `close` waits until the last words have been said. */
const FAREWELL: Millis = 2000;

/** Opens the directory and the port. Rejects with UdpcpError when either cannot be used. */
export async function receiveFiles(options: ReceiveOptions): Promise<FileReceiver> {
  const {
    out,
    address,
    port = DEFAULT_PORT,
    mtu,
    exists,
    allowHidden,
    maxSize,
    maxFiles,
    resume,
    keepPartials,
    fsync,
  } = options;
  checkMtu(mtu, address ?? ANY_ADDRESS);
  const agreement = acceptorAgreement(options.security ?? {});
  const choices = {
    ...(exists === undefined ? {} : { exists }),
    ...(allowHidden === undefined ? {} : { allowHidden }),
    ...(maxSize === undefined ? {} : { maxSize }),
    ...(maxFiles === undefined ? {} : { maxFiles }),
    ...(resume === undefined ? {} : { resume }),
    ...(keepPartials === undefined ? {} : { keepPartials }),
    ...(fsync === undefined ? {} : { fsync }),
  };
  const store = typeof out === 'string' ? await openStore(out, choices) : out;
  if (store instanceof FileStore) store.clearOld();
  try {
    const channels = await createChannels(options.channel);
    return new FileReceiver(await UdpSocket.bind(address, port), store, channels, agreement, options);
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** A store that a receiver has for itself. */
interface ReceiverStore extends Store {
  /** Whether a directory was made for it. */
  readonly created: boolean;
  /** Aborts what is not finished, and resolves when nothing is open any more. */
  close(): Promise<void>;
}

interface Tally {
  readonly startedAt: Millis;
  stored: number;
  alreadyThere: number;
  failed: number;
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
  readonly #tallies = new Map<number, Tally>();
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
        elapsed: now - (this.#tallies.get(id)?.startedAt ?? now),
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
      this.#tell(now, event);
    }
    if (this.#farewell !== undefined && this.#receiver.endpoint.farewellsSaid) this.#farewell();
  }

  #tell(now: Millis, event: ReceiverEvent): void {
    const { incoming } = event;
    const { id } = incoming;
    const peer = formatAddressKey(incoming.session.peer);
    switch (event.kind) {
      case 'started':
        this.#tallies.set(id, { startedAt: now, stored: 0, alreadyThere: 0, failed: 0 });
        this.#onEvent({ kind: 'started', transfer: id, peer, security: securityOf(incoming.session) });
        break;
      case 'resuming': {
        const { offer, offset: resumedBytes } = event.resumption;
        const name = nameOf(offer.path);
        this.#onEvent({ kind: 'resuming', transfer: id, peer, name, resumedBytes, size: offer.size ?? 0 });
        break;
      }
      case 'entry':
        this.#count(id, event.outcome);
        this.#onEvent({ kind: 'file', transfer: id, peer, file: fileOf(event.outcome) });
        break;
      case 'ended':
        this.#onEvent(this.#ended(now, incoming, peer, event.end));
        this.#tallies.delete(id);
        break;
    }
  }

  #count(id: number, { status, alreadyThere }: EntryOutcome): void {
    const tally = this.#tallies.get(id);
    if (tally === undefined) return;
    if (alreadyThere) tally.alreadyThere++;
    if (status === 'stored') tally.stored++;
    else if (status !== 'skipped') tally.failed++;
  }

  #ended(now: Millis, { id, session, transfer }: Incoming, peer: string, end: IncomingEnd): ReceiveEvent {
    const { startedAt = now, stored = 0, alreadyThere = 0, failed = 0 } = this.#tallies.get(id) ?? {};
    const { bytes, resumed } = transfer.progress;
    const elapsed = now - startedAt;
    return {
      kind: 'ended',
      transfer: id,
      peer,
      end: end.kind,
      text: wordsOf(end),
      stored,
      alreadyThere,
      failed,
      bytes: bytes - resumed,
      resumedBytes: resumed,
      elapsed,
      security: securityOf(session),
      stats: session.stats,
    };
  }
}
