import type { Millis } from '../base/units.ts';
import { HostTurns } from './host-turns.ts';
import { networkOf } from './network.ts';
import { TokenBucket } from './token-bucket.ts';

/** Handshakes of one host. */
export interface HandshakeRate {
  readonly perSecond: number;
  /** So many at once after a quiet time. */
  readonly burst: number;
}

/** Sessions that all hosts together may begin while none is held to a rate of its own. */
const CALM = { perSecond: 200, burst: 256 };
/** HELLOs looked at in a second while sessions are open: what more of them cost would be taken from the sessions. */
const HELLOS_BESIDE_SESSIONS = { perSecond: 2_000, burst: 1000 };
/** When those run short, one of each host in every so many milliseconds goes first: whoever floods sheds its own. */
const TURN: Millis = 500;
/** Hosts remembered; beyond them the one that was seen first is forgotten. */
const MAX_HOSTS = 4096;

/** How often strangers are listened to. */
export class HandshakeRates {
  readonly #rate: HandshakeRate;
  readonly #hellos = new TokenBucket(HELLOS_BESIDE_SESSIONS.perSecond, HELLOS_BESIDE_SESSIONS.burst);
  readonly #calm = new TokenBucket(CALM.perSecond, CALM.burst);
  readonly #lookedAt = new HostTurns(TURN);
  /** Of hosts whose addresses are proven, in the order in which they were first seen. */
  readonly #hosts = new Map<string, TokenBucket>();

  constructor(rate: HandshakeRate) {
    this.#rate = rate;
  }

  /** Whether a HELLO from an address that has not proven itself is looked at while sessions are open; it then counts. */
  mayLook(now: Millis, address: string): boolean {
    const hadItsTurn = this.#lookedAt.has(now, networkOf(address));
    if ((hadItsTurn && this.#hellos.isScarce(now)) || !this.#hellos.take(now)) return false;
    this.#lookedAt.add(now, networkOf(address));
    return true;
  }

  /**
   * Whether a host that has proven its address may begin one more session; it then counts. A crowd behind one address
   * is welcome: a host is held to its own rate only while so many begin that their handshakes cost the others time.
   */
  mayBegin(now: Millis, address: string): boolean {
    if (this.#calm.take(now)) return true;
    const host = networkOf(address);
    const bucket = this.#hosts.get(host) ?? new TokenBucket(this.#rate.perSecond, this.#rate.burst);
    if (!this.#hosts.has(host)) this.#makeRoom(now);
    this.#hosts.set(host, bucket);
    return bucket.take(now);
  }

  #makeRoom(now: Millis): void {
    for (const [host, bucket] of this.#hosts) {
      if (this.#hosts.size < MAX_HOSTS && !bucket.isFull(now)) return;
      this.#hosts.delete(host);
    }
  }
}
