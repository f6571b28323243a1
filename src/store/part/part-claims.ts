import { setTimeout as delay } from 'node:timers/promises';
import type { Millis } from '../../base/units.ts';
import type { Owner } from '../../transfer/ports.ts';

/** How long a holder may be silent before another one takes its part. */
const HOLDER_SILENCE: Millis = 2000;
const LOOK_EVERY: Millis = 20;

interface Holder {
  readonly owner: Owner;
  isGone: boolean;
}

/** A part that is ours alone in this process, until `release`. */
export interface Claim {
  /** Somebody had to go first: much may have changed. */
  readonly waited: boolean;
  release(): void;
}

/**
 * Which transfer of this process writes which part. A sender that was killed and run again, or came back on another
 * path, wants the part that its old session still holds: a holder that does not answer makes way, one that does keeps it.
 */
export class PartClaims {
  readonly #holders = new Map<string, Holder>();
  readonly #silence: Millis;

  constructor(silence: Millis = HOLDER_SILENCE) {
    this.#silence = silence;
  }

  /** Undefined: somebody who is alive holds it, or the caller is aborted. Never rejects. */
  async take(id: string, owner: Owner, isAborted: () => boolean): Promise<Claim | undefined> {
    let waited = false;
    for (let holder = this.#holders.get(id); holder !== undefined; holder = this.#holders.get(id)) {
      waited = true;
      if ((await this.#answers(holder, isAborted)) || isAborted()) return undefined;
      if (!holder.isGone) holder.owner.replace();
      while (!holder.isGone && !isAborted()) await delay(LOOK_EVERY);
    }
    return this.#hold(id, owner, waited);
  }

  /** Undefined: somebody holds it. */
  takeFree(id: string, owner: Owner): Claim | undefined {
    return this.#holders.has(id) ? undefined : this.#hold(id, owner, false);
  }

  #hold(id: string, owner: Owner, waited: boolean): Claim {
    const mine: Holder = { owner, isGone: false };
    this.#holders.set(id, mine);
    const release = (): void => {
      mine.isGone = true;
      if (this.#holders.get(id) === mine) this.#holders.delete(id);
    };
    return { waited, release };
  }

  /** Whether the holder's peer gives a sign of life in time. */
  async #answers(holder: Holder, isAborted: () => boolean): Promise<boolean> {
    const before = holder.owner.heardAt;
    holder.owner.ping();
    for (let looked = 0; looked < this.#silence && !holder.isGone && !isAborted(); looked += LOOK_EVERY) {
      if (holder.owner.heardAt !== before) return true;
      await delay(LOOK_EVERY);
    }
    return !holder.isGone && holder.owner.heardAt !== before;
  }
}
