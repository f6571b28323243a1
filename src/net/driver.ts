import { setTimeout } from 'node:timers/promises';
import type { Bytes, Millis } from '../base/units.ts';
import type { Channel } from '../channel/channel.ts';
import { earliest, TRANSMIT_BUFFER } from '../session/endpoint.ts';
import type { Host } from '../session/host.ts';
import { BufferPool, type TransmitBuffer } from './buffer-pool.ts';
import { DatagramGarbage } from './datagram-garbage.ts';
import { LandingPlace } from './landing-place.ts';
import type { UdpSocket } from './udp-socket.ts';

/** Node reads so many datagrams before it does anything else: where so many came there are most likely more. */
const FULL_BATCH = 32;
/** Datagrams sent in one turn before the socket is read again, so that ACKs are not kept waiting. */
const DATAGRAMS_PER_TURN = 64;
/** And bytes: a turn stays well below a millisecond, and what it sends far below a receiver's socket buffer. */
const BYTES_PER_TURN: Bytes = 512 * 1024;
/** How long a driver that was stopped waits for its outgoing channel. */
const MAX_DRAIN: Millis = 2000;
/** A turn that comes so late after its deadline comes after a suspension, of the process or of the machine. */
const SUSPENSION: Millis = 1000;
/** How often the socket is read before such a turn, as long as there is anything: some thousand datagrams. */
const MAX_CATCH_UP = 256;
/** Longest delay that `setTimeout` takes without firing at once. */
const MAX_DELAY: Millis = 2 ** 31 - 1;

/** Impairs what a driver sends and receives; undefined: that direction is left alone. */
export interface DriverChannels {
  readonly out?: Channel<string> | undefined;
  readonly in?: Channel<string> | undefined;
}

export interface DriverHooks {
  /** After every turn: the place to look at what changed. */
  readonly onTurn: (now: Millis) => void;
  readonly onUnreachable?: ((now: Millis) => void) | undefined;
  readonly onTooBig?: ((now: Millis) => void) | undefined;
  /** Whether an address may talk to us; everyone unless given. */
  readonly mayTalk?: ((address: string) => boolean) | undefined;
  /** The host threw: a defect. The driver has stopped. */
  readonly onDefect: (error: unknown) => void;
}

/** Runs a host over a socket: one clock reading, one timer and one batch of datagrams per turn. */
export class Driver {
  readonly #socket: UdpSocket;
  readonly #host: Host;
  readonly #channels: DriverChannels;
  readonly #hooks: DriverHooks;
  readonly #pool = new BufferPool(TRANSMIT_BUFFER, (error, wasAwaited) => {
    if (wasAwaited) this.wake();
    if (error !== null) this.#notice(error);
  });
  /** Written in this turn, and not yet sent. */
  readonly #written: TransmitBuffer[] = [];
  readonly #landing = new LandingPlace();
  readonly #garbage = new DatagramGarbage();
  #timer: NodeJS.Timeout | undefined;
  /** The deadline that the next turn is for, at the latest. */
  #timerAt: Millis = Infinity;
  #turnDue: NodeJS.Immediate | undefined;
  #isStopped = false;
  #received = 0;
  /** How many had been received when a turn was last due. */
  #receivedBefore = 0;
  /** The turn that was due then waits for a second batch. */
  #readsOn = false;
  /** While deadlines wait until what arrived during a suspension was read; `received` tells whether more is coming. */
  #catchUp: { rounds: number; received: number } | undefined;

  constructor(socket: UdpSocket, host: Host, hooks: DriverHooks, channels: DriverChannels = {}) {
    this.#socket = socket;
    this.#host = host;
    this.#hooks = hooks;
    this.#channels = channels;
    socket.listen({
      onDatagram: (datagram, from) => this.#receive(datagram, from),
      mayTalk: hooks.mayTalk,
      onUnreachable: () => {
        hooks.onUnreachable?.(clock());
        this.wake();
      },
      onTooBig: () => {
        hooks.onTooBig?.(clock());
        this.wake();
      },
    });
    this.wake();
  }

  /** Asks for a turn soon. */
  wake(): void {
    if (!this.#isStopped) this.#turnDue ??= setImmediate(() => this.#turn());
  }

  /** No turn follows; what the outgoing channel holds still leaves, then the socket is closed. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#turnDue);
    await this.#drain();
    await this.#socket.close();
  }

  #receive(datagram: Uint8Array, from: string): void {
    if (this.#isStopped) return;
    this.#received++;
    // A reading for each: with one for all that wait, what comes while they are read would seem to come too early.
    const now = clock();
    if (this.#channels.in === undefined) this.#host.endpoint.handleDatagram(now, this.#landing.take(datagram), from);
    else this.#channels.in.push(now, datagram, from);
    this.#garbage.onReceived(datagram.length);
    this.wake();
  }

  #turn(): void {
    this.#turnDue = undefined;
    const now = clock();
    if (this.#mayReadOn() || this.#mustCatchUp(now)) {
      this.wake(); // the socket is read before that
      return;
    }
    try {
      this.#deliver(now);
      this.#host.endpoint.handleTimeout(now);
      this.#host.step(now);
      if (this.#transmit(now)) this.wake();
      this.#hooks.onTurn(now);
      if (!this.#isStopped) this.#arm(now);
    } catch (error) {
      void this.stop();
      this.#hooks.onDefect(error);
    }
  }

  /** A turn costs about as much for two batches as for one, and so does the ACK that it sends. */
  #mayReadOn(): boolean {
    const isFull = this.#received - this.#receivedBefore >= FULL_BATCH;
    this.#receivedBefore = this.#received;
    this.#readsOn = isFull && !this.#readsOn;
    return this.#readsOn;
  }

  /** Whoever slept reads what came meanwhile before it takes anybody for silent. */
  #mustCatchUp(now: Millis): boolean {
    const last = this.#catchUp;
    const isLate = now >= this.#timerAt + SUSPENSION;
    const isOver = last !== undefined && (last.received === this.#received || last.rounds === MAX_CATCH_UP);
    this.#catchUp = isLate && !isOver ? { rounds: (last?.rounds ?? 0) + 1, received: this.#received } : undefined;
    return this.#catchUp !== undefined;
  }

  #deliver(now: Millis): void {
    const channel = this.#channels.in;
    for (let delivery = channel?.pull(now); delivery !== undefined; delivery = channel?.pull(now)) {
      this.#host.endpoint.handleDatagram(now, delivery.bytes, delivery.tag);
    }
  }

  /** Sends what may leave now. Returns whether there may be more at once. */
  #transmit(now: Millis): boolean {
    // All are written first: sent back to back they wake a peer on this machine once, and not each for itself.
    const mayBeMore = this.#write(now);
    for (let i = 0; i < this.#written.length; i++)
      this.#send(now, this.#written[i] as TransmitBuffer, this.#written[i + 1]);
    this.#written.length = 0;
    this.#release(now);
    return mayBeMore;
  }

  /** Writes a turn's datagrams. Returns whether there may be more at once. */
  #write(now: Millis): boolean {
    let bytes: Bytes = 0;
    while (this.#written.length < DATAGRAMS_PER_TURN && bytes < BYTES_PER_TURN) {
      const buffer = this.#pool.take();
      if (buffer === undefined) return false; // a buffer that comes back makes a turn due
      const transmit = this.#host.endpoint.pollTransmit(now, buffer.bytes);
      if (transmit === undefined) {
        this.#pool.give(buffer);
        return false;
      }
      buffer.address(transmit);
      this.#written.push(buffer);
      bytes += transmit.length;
    }
    return true;
  }

  /** One callback for a run of like datagrams: each costs as much as what the protocol does for a datagram. */
  #send(now: Millis, buffer: TransmitBuffer, next: TransmitBuffer | undefined): void {
    const channel = this.#channels.out;
    if (channel === undefined) {
      const isTold = next === undefined || !next.isLike(buffer);
      if (!isTold) next.answersFor = buffer;
      this.#socket.send(buffer.datagram, buffer.to, isTold ? buffer.taken : undefined);
      return;
    }
    channel.push(now, buffer.datagram.slice(), buffer.to);
    this.#pool.give(buffer);
  }

  /** Sends what the outgoing channel lets out. */
  #release(now: Millis): void {
    const channel = this.#channels.out;
    for (let delivery = channel?.pull(now); delivery !== undefined; delivery = channel?.pull(now)) {
      this.#socket.send(delivery.bytes, delivery.tag, (error) => this.#notice(error));
    }
  }

  /** The last words must not die in a channel that only delays them. */
  async #drain(): Promise<void> {
    const channel = this.#channels.out;
    const until = clock() + MAX_DRAIN;
    for (let next = channel?.pollTimeout(); next !== undefined && next < until; next = channel?.pollTimeout()) {
      await setTimeout(Math.max(0, next - clock()));
      this.#release(clock());
    }
  }

  /** A datagram that could not be sent is lost, as any other may be. Only a refusal says something about the peer or the path. */
  #notice(error: Error | null): void {
    if (error === null || this.#isStopped || !('code' in error)) return;
    if (error.code === 'EMSGSIZE') this.#socket.handleTooBig();
    if (error.code !== 'ECONNREFUSED') return;
    this.#hooks.onUnreachable?.(clock());
    this.wake();
  }

  #arm(now: Millis): void {
    const { in: incoming, out } = this.#channels;
    const deadline = earliest(this.#host.endpoint.pollTimeout(), incoming?.pollTimeout(), out?.pollTimeout());
    // A timer that fires early only costs a turn: most deadlines move on with every datagram.
    if (this.#timer !== undefined && this.#timerAt <= (deadline ?? Infinity)) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = deadline ?? Infinity;
    if (deadline === undefined) return;
    const delay = Math.min(MAX_DELAY, Math.max(0, Math.ceil(deadline - now)));
    this.#timer = globalThis.setTimeout(() => {
      this.#timer = undefined;
      this.wake();
    }, delay);
  }
}

/** Milliseconds that never go backwards. Not from `performance`, which takes 4 ms to load. */
export function clock(): Millis {
  return Number(process.hrtime.bigint()) / 1e6;
}
