import type { Millis } from '../../src/base/units.ts';
import { type Endpoint, earliest, TRANSMIT_BUFFER } from '../../src/session/endpoint.ts';

/** A datagram from the moment it was sent. */
export interface Datagram {
  readonly from: string;
  readonly to: string;
  readonly sentAt: Millis;
  readonly bytes: Uint8Array;
  arrivesAt: Millis;
  /** Lost, in the end: by `loses`, or because nobody lived at its address. */
  isLost: boolean;
}

interface Host {
  readonly endpoint: Endpoint;
  /** What it does with its endpoint in every turn. */
  readonly step: () => void;
  /** How the others see it. */
  address: string;
}

/** Turns in which nothing is sent and no time passes: more of them are a busy loop. */
const MAX_IDLE_TURNS = 50;

/** Endpoints joined by datagrams that tests can look at, lose, copy, change and hold back, in virtual time. */
export class Network {
  now: Millis = 0;
  /** One way, for every datagram. */
  delay: Millis = 50;
  /** Which datagrams are lost, asked as they are sent. */
  loses: (datagram: Datagram) => boolean = () => false;
  /** On their way, in the order they were sent. */
  transit: Datagram[] = [];
  /** Everything that was ever sent. */
  readonly log: Datagram[] = [];
  readonly #hosts: Host[] = [];
  readonly #out = new Uint8Array(TRANSMIT_BUFFER);

  join(address: string, endpoint: Endpoint, step: () => void = () => {}): void {
    this.#hosts.push({ address, endpoint, step });
  }

  /** The host at `address` is no more; what is sent there is lost. */
  leave(address: string): void {
    const index = this.#hosts.findIndex((host) => host.address === address);
    if (index !== -1) this.#hosts.splice(index, 1);
  }

  /** From now on the host at `address` is seen at `as`: an address translator forgot it. Its old address is nobody’s. */
  rebind(address: string, as: string): void {
    const host = this.#hosts.find((other) => other.address === address);
    if (host === undefined) throw new Error(`nobody lives at ${address}`);
    host.address = as;
  }

  /** Puts a datagram of the test’s own on its way. */
  inject(from: string, to: string, bytes: Uint8Array, arrivesAt = this.now + this.delay): void {
    this.transit.push({ from, to, sentAt: this.now, bytes, arrivesAt, isLost: false });
  }

  /** Lets time pass, everything that happens in it included; what was written by the test before goes out first. */
  run(span: Millis): this {
    const until = this.now + span;
    this.settle();
    for (let next = this.#next(); next !== undefined && next <= until; next = this.#next()) this.#advance(next);
    this.now = until;
    return this;
  }

  /** Lets time pass until something holds; throws when it takes longer than the budget. Returns how long it took. */
  runUntil(holds: () => boolean, budget: Millis): Millis {
    const start = this.now;
    this.settle();
    while (!holds()) {
      const next = this.#next();
      if (next === undefined) throw new Error(`nothing happens any more, at ${this.now} ms`);
      if (next > start + budget) throw new Error(`not within ${budget} ms`);
      this.#advance(next);
    }
    return this.now - start;
  }

  /** Everything that can happen without time passing. */
  settle(): this {
    for (let idle = 0; idle < MAX_IDLE_TURNS; idle++) {
      if (this.#deliver() + this.#takeTurns() > 0) idle = 0;
      else if ((this.#next() ?? Number.POSITIVE_INFINITY) > this.now) return this;
    }
    throw new Error(`busy without end at ${this.now} ms`);
  }

  #advance(to: Millis): void {
    this.now = Math.max(this.now, to);
    this.settle();
  }

  #next(): Millis | undefined {
    const arrivals = this.transit.map(({ arrivesAt }) => arrivesAt);
    return earliest(...arrivals, ...this.#hosts.map(({ endpoint }) => endpoint.pollTimeout()));
  }

  /** Delivers the next datagram that is due: its host answers before the one after it arrives. */
  #deliver(): number {
    let next: Datagram | undefined;
    for (const datagram of this.transit) {
      if (datagram.arrivesAt <= this.now && datagram.arrivesAt < (next?.arrivesAt ?? Infinity)) next = datagram;
    }
    if (next === undefined) return 0;
    const { to, from, bytes } = next;
    this.transit.splice(this.transit.indexOf(next), 1);
    const host = this.#hosts.find(({ address }) => address === to);
    if (host === undefined) next.isLost = true;
    // A copy: an endpoint may overwrite what it is given.
    else host.endpoint.handleDatagram(this.now, bytes.slice(), from);
    return 1;
  }

  #takeTurns(): number {
    let sent = 0;
    for (const { address: from, endpoint, step } of this.#hosts) {
      endpoint.handleTimeout(this.now);
      step();
      for (let next = endpoint.pollTransmit(this.now, this.#out); next !== undefined; sent++) {
        const bytes = this.#out.slice(0, next.length);
        const arrivesAt = this.now + this.delay;
        const datagram = { from, to: next.to, sentAt: this.now, bytes, arrivesAt, isLost: false };
        datagram.isLost = this.loses(datagram);
        this.log.push(datagram);
        if (!datagram.isLost) this.transit.push(datagram);
        next = endpoint.pollTransmit(this.now, this.#out);
      }
    }
    return sent;
  }
}
