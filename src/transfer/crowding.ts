import type { Millis } from '../base/units.ts';
import type { ListenerCounts } from '../session/listener-counts.ts';

/** Whoever has a session and has not said a word of what it wants for so long makes way for those that find no room. */
export const SILENCE_IN_A_CROWD: Millis = 5000;

/** Notices that somebody found no room. */
export class Crowding {
  readonly #counts: Pick<ListenerCounts, 'refusedBusy'>;
  #refused = 0;

  constructor(counts: Pick<ListenerCounts, 'refusedBusy'>) {
    this.#counts = counts;
  }

  /** Whether that happened since it was asked last. */
  poll(): boolean {
    const hasGrown = this.#counts.refusedBusy > this.#refused;
    this.#refused = this.#counts.refusedBusy;
    return hasGrown;
  }
}
