import type { Millis } from '../base/units.ts';
import { answererConfig } from '../call/session-choices.ts';
import { HmacCookies } from '../crypto/hmac-cookies.ts';
import { SystemRandom } from '../crypto/random.ts';
import { DEFAULT_PORT, formatAddressKey, type SocketAddress } from '../net/address.ts';
import { AllowList, type Network } from '../net/allow-list.ts';
import { clock, Driver } from '../net/driver.ts';
import { ANY_ADDRESS, checkMtu } from '../net/interface-mtu.ts';
import { createChannels, type LiveChannels } from '../net/live-channels.ts';
import { UdpSocket } from '../net/udp-socket.ts';
import { acceptorAgreement, type ReceiveSecurity, securityOf } from '../security.ts';
import type { AcceptorAgreement } from '../session/key-agreement.ts';
import { PipeAnswerer } from '../transfer/pipe-answerer.ts';
import type { PipeEnd } from '../transfer/pipe-session.ts';
import { pipeFailure, turnedAwayWords } from './pipe-failure.ts';
import { endsOf, type PipeOptions, type PipeResult, type PipeStreams, resultOf, settle } from './pipe-result.ts';

/** Where to wait for a caller. */
export interface ListenPipeOptions extends PipeOptions {
  /** Local address; every one of this machine unless given. Port 0: any free one. */
  readonly address?: string | undefined;
  /** Encrypted unless told otherwise. */
  readonly security?: ReceiveSecurity | undefined;
  /** Who may call; everyone unless given. */
  readonly allow?: readonly Network[] | undefined;
  /** Told of callers that were no pipes, or changed their minds: one printable line each. */
  readonly onTurnedAway?: ((line: string) => void) | undefined;
}

/** Waits for one caller, and is a pipe to it then. Rejects with UdpcpError when the address cannot be used. */
export async function listenPipe(streams: PipeStreams, options: ListenPipeOptions = {}): Promise<PipeListener> {
  const { address, port = DEFAULT_PORT, mtu, security = {} } = options;
  checkMtu(mtu, address ?? ANY_ADDRESS);
  const agreement = acceptorAgreement(security);
  const channels = await createChannels(options.channel);
  return new PipeListener(await UdpSocket.bind(address, port), streams, channels, agreement, options);
}

/** A pipe that waits for its caller, and then is one. */
export class PipeListener {
  /** Where it listens. */
  readonly address: SocketAddress;
  /** Resolves when both directions have ended and all that came is written; rejects with PipeError. */
  readonly over: Promise<PipeResult>;
  readonly #answerer: PipeAnswerer;
  readonly #driver: Driver;
  readonly #options: ListenPipeOptions;
  #startedAt: Millis | undefined;
  #resolve: (end: PipeEnd) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(
    socket: UdpSocket,
    streams: PipeStreams,
    channels: LiveChannels,
    agreement: AcceptorAgreement,
    options: ListenPipeOptions,
  ) {
    this.address = socket.address;
    this.#options = options;
    const ended = new Promise<PipeEnd>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const ends = endsOf(streams, () => this.#driver.wake());
    const config = answererConfig(options, channels);
    this.#answerer = new PipeAnswerer(ends, config, new SystemRandom(), new HmacCookies(), agreement);
    const { allow, signal } = options;
    const allowed = allow && new AllowList(allow);
    const hooks = {
      onTurn: (now: Millis) => this.#afterTurn(now),
      mayTalk: allowed && ((from: string) => allowed.has(from)),
      onDefect: (error: unknown) => this.#reject(error),
    };
    this.#driver = new Driver(socket, this.#answerer, hooks, channels);
    const cancel = (): void => {
      this.#answerer.cancel(clock());
      this.#driver.wake();
    };
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    this.over = this.#finish(ended, channels).finally(() => {
      signal?.removeEventListener('abort', cancel);
      streams.input.destroy();
    });
    this.over.catch(() => {}); // whoever waits for it hears of it
  }

  #afterTurn(now: Millis): void {
    const { session, end, isDone } = this.#answerer;
    for (const { session: other, end: why } of this.#answerer.takeTurnedAway())
      this.#options.onTurnedAway?.(turnedAwayWords(formatAddressKey(other.peer), why));
    if (session !== undefined && this.#startedAt === undefined) {
      this.#startedAt = now;
      this.#options.onSecured?.(securityOf(session), formatAddressKey(session.peer));
    }
    if (end !== undefined && isDone) this.#resolve(end);
  }

  async #finish(ended: Promise<PipeEnd>, channels: LiveChannels): Promise<PipeResult> {
    try {
      const end = await ended;
      const { session, transfer } = this.#answerer;
      const elapsed = this.#startedAt === undefined ? 0 : clock() - this.#startedAt;
      return settle(pipeFailure(end), resultOf(session, transfer, elapsed, channels));
    } finally {
      await this.#driver.stop();
    }
  }
}
