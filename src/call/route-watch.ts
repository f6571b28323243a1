import type { Millis } from '../base/units.ts';
import type { UdpSocket } from '../net/udp-socket.ts';

/** How long a peer owes an answer before the way to it is looked at, and between two looks. */
const INTERVAL: Millis = 1000;

/** Notices that this machine has moved to another network: its socket still sends from an address of the one that it left. */
export class RouteWatch {
  readonly #socket: Pick<UdpSocket, 'reroute'>;
  readonly #onMoved: () => void;
  #nextAt: Millis = 0;
  #isLooking = false;

  constructor(socket: Pick<UdpSocket, 'reroute'>, onMoved: () => void) {
    this.#socket = socket;
    this.#onMoved = onMoved;
  }

  /** To be called in every turn. `unansweredSince`: since when the peer owes an answer; undefined: it owes none. */
  onTurn(now: Millis, unansweredSince: Millis | undefined): void {
    if (unansweredSince === undefined || this.#isLooking) return;
    if (now < Math.max(this.#nextAt, unansweredSince + INTERVAL)) return;
    this.#nextAt = now + INTERVAL;
    this.#isLooking = true;
    void this.#look();
  }

  async #look(): Promise<void> {
    const hasMoved = await this.#socket.reroute();
    this.#isLooking = false;
    if (hasMoved) this.#onMoved();
  }
}
