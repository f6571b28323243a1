import type { Millis } from '../base/units.ts';
import type { Channel } from '../channel/channel.ts';
import { earliest, TRANSMIT_BUFFER } from '../session/endpoint.ts';
import type { Host } from '../session/host.ts';
import { EventLog, type LogEvent } from './event-log.ts';

/** A host at an address. */
interface Node {
  readonly address: string;
  readonly host: Host;
  /** An input came since its last turn. */
  isDue: boolean;
}

/** Where a datagram comes from and goes to. */
export interface Route {
  readonly from: string;
  readonly to: string;
}

/** One direction of a path: what is pushed comes out, or not, as its channel decides. */
interface Link extends Route {
  readonly channel: Channel<Route>;
}

/** More turns than this without time passing: two hosts keep each other busy for nothing. */
const MAX_TURNS_AT_ONE_INSTANT = 100_000;

/** Thrown when hosts do what they must never do: a defect of the code under simulation. */
class SimulationError extends Error {
  override readonly name = 'SimulationError';
}

/**
 * Hosts and channels in virtual time: the very sessions that run over sockets. It jumps from event to event, so that a
 * transfer of minutes takes milliseconds, and one seed gives one history.
 */
export class Simulation {
  readonly log = new EventLog();
  /** Hears of every datagram that is sent or delivered; its bytes are good only during the call. */
  onDatagram: ((event: LogEvent, from: string, to: string, datagram: Uint8Array) => void) | undefined;
  readonly #nodes: Node[] = [];
  readonly #links: Link[] = [];
  readonly #out = new Uint8Array(TRANSMIT_BUFFER);
  #now: Millis = 0;
  #turnsAtThisInstant = 0;

  get now(): Millis {
    return this.#now;
  }

  /** Adds a host. `create` is given the function that makes a turn of it due. */
  addHost(address: string, create: (wake: () => void) => Host): void {
    let node: Node | undefined;
    const wake = (): void => {
      if (node !== undefined) node.isDue = true;
    };
    node = { address, host: create(wake), isDue: true };
    this.#nodes.push(node);
  }

  /**
   * Joins two addresses in one direction. Datagrams between addresses that no link joins are lost. A later link between
   * the same two takes over; what an earlier one holds still arrives. Links may share a channel: their bottleneck.
   */
  addLink(from: string, to: string, channel: Channel<Route>): void {
    this.#links.push({ from, to, channel });
  }

  /** Runs until `isOver` says so, nothing can happen any more, or `until` is reached. Returns whether `isOver` did. */
  run(isOver: () => boolean, until: Millis = Number.POSITIVE_INFINITY): boolean {
    for (;;) {
      this.#takeTurns();
      if (isOver()) return true;
      const next = this.#nextEvent();
      if (next === undefined || next > until) return false;
      if (!Number.isFinite(next)) throw new SimulationError(`a deadline is not finite: ${next}`);
      if (next > this.#now) this.#turnsAtThisInstant = 0;
      this.#now = Math.max(this.#now, next);
      this.#deliver();
      for (const node of this.#nodes) if (isOverdue(node.host, this.#now)) node.isDue = true;
    }
  }

  #takeTurns(): void {
    for (let progressed = true; progressed; ) {
      progressed = false;
      for (const node of this.#nodes) {
        if (!node.isDue) continue;
        node.isDue = false;
        progressed = true;
        this.#turn(node);
        if (++this.#turnsAtThisInstant > MAX_TURNS_AT_ONE_INSTANT) {
          throw new SimulationError(`${node.address} is busy without end at ${this.#now} ms`);
        }
      }
      this.#deliver();
    }
  }

  #turn(node: Node): void {
    const { address, host } = node;
    host.endpoint.handleTimeout(this.#now);
    host.step(this.#now);
    for (;;) {
      const transmit = host.endpoint.pollTransmit(this.#now, this.#out);
      if (transmit === undefined) break;
      const datagram = this.#out.subarray(0, transmit.length);
      this.#note('sent', address, transmit.to, datagram);
      const link = this.#links.findLast(({ from, to }) => from === address && to === transmit.to);
      link?.channel.push(this.#now, datagram, link);
      // What is due at once is still in the buffer that the next datagram overwrites.
      if (link !== undefined) this.#deliverFrom(link);
    }
    if (isOverdue(host, this.#now)) node.isDue = true;
  }

  #deliver(): void {
    for (const link of this.#links) this.#deliverFrom(link);
  }

  #deliverFrom({ channel }: Link): void {
    for (let delivery = channel.pull(this.#now); delivery !== undefined; delivery = channel.pull(this.#now)) {
      const { from, to } = delivery.tag;
      const node = this.#nodes.find(({ address }) => address === to);
      if (node === undefined) continue;
      this.#note('delivered', from, to, delivery.bytes);
      node.host.endpoint.handleDatagram(this.#now, delivery.bytes, from);
      node.isDue = true;
    }
  }

  #note(event: LogEvent, from: string, to: string, datagram: Uint8Array): void {
    this.log.add(event, this.#now, from, to, datagram);
    this.onDatagram?.(event, from, to, datagram);
  }

  #nextEvent(): Millis | undefined {
    let next: Millis | undefined;
    for (const { channel } of this.#links) next = earliest(next, channel.pollTimeout());
    for (const { host } of this.#nodes) next = earliest(next, host.endpoint.pollTimeout());
    return next;
  }
}

function isOverdue({ endpoint }: Host, now: Millis): boolean {
  return (endpoint.pollTimeout() ?? Number.POSITIVE_INFINITY) <= now;
}
