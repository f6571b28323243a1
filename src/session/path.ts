import type { Prng } from '../base/prng.ts';
import type { Bytes, Millis, PacketNumber } from '../base/units.ts';

/** What may be sent to an address that has not answered, as a multiple of what came from it (RFC 9000 section 8.1). */
const AMPLIFICATION_LIMIT = 3;
const TOKEN = 8;

/** The host of an address "host:port". */
export const hostOf = (address: string): string => address.slice(0, address.lastIndexOf(':'));

/** Where the peer is: an address that proved itself, or a new one that still has to (PROTOCOL.md, section "Path change"). */
export class Path {
  readonly #prng: Prng;
  #current: string;
  #validated: string;
  #token: Uint8Array | undefined;
  #deadline: Millis | undefined;
  #received: Bytes = 0;
  #sent: Bytes = 0;
  /** Of the packets that came. */
  #largest: PacketNumber = -1;

  /** The handshake has proven this address; challenges are drawn from `prng`. */
  constructor(address: string, prng: Prng) {
    this.#prng = prng;
    this.#current = address;
    this.#validated = address;
  }

  /** How far a packet is ahead of all before it, 1: the next; 0: it came late, and says nothing about where the peer is. */
  advance(number: PacketNumber): number {
    if (number <= this.#largest) return 0;
    const ahead = this.#largest < 0 ? 1 : number - this.#largest;
    this.#largest = number;
    return ahead;
  }

  /** Where to send. */
  get address(): string {
    return this.#current;
  }

  /** The challenge that the peer has yet to answer. */
  get token(): Uint8Array | undefined {
    return this.#token;
  }

  /** When an unanswered challenge is given up. */
  get deadline(): Millis | undefined {
    return this.#deadline;
  }

  /** Whether an address is of the host that is sent to now: another port alone is the same path (RFC 9000 section 9.4). */
  isSameHost(address: string): boolean {
    return hostOf(address) === hostOf(this.#current);
  }

  /** The peer's newest packet came from elsewhere: it is challenged there, and has until `deadline` to answer. */
  move(address: string, deadline: Millis): void {
    this.#current = address;
    this.#received = 0;
    this.#sent = 0;
    if (address === this.#validated) {
      this.#settle();
      return;
    }
    this.#token = Uint8Array.from({ length: TOKEN }, () => this.#prng.nextUint32() & 0xff);
    this.#deadline = deadline;
  }

  onReceived(size: Bytes): void {
    this.#received += size;
  }

  onSent(size: Bytes): void {
    this.#sent += size;
  }

  /** Whether a datagram of this size may go to the current address. */
  allows(size: Bytes): boolean {
    return this.#token === undefined || this.#sent + size <= AMPLIFICATION_LIMIT * this.#received;
  }

  onResponse(token: Uint8Array): void {
    if (this.#token === undefined || !this.#token.every((byte, i) => byte === token[i])) return;
    this.#validated = this.#current;
    this.#settle();
  }

  /** Gives up an address that did not answer in time and goes back to the last one that did. */
  handleTimeout(now: Millis): void {
    if (this.#deadline === undefined || now < this.#deadline) return;
    this.#current = this.#validated;
    this.#settle();
  }

  #settle(): void {
    this.#token = undefined;
    this.#deadline = undefined;
  }
}
