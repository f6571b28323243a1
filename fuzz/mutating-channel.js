import { mutate, repair } from './mutate.js';

const DELAY = 10;
/** Kept to be played again or spliced into others. */
const REMEMBERED = 64;
const PROTECTED_TYPE = 0x40;

/** One direction of a network in the hands of somebody in between who changes, copies, holds back and makes up datagrams. */
export class MutatingChannel {
  /** Changed datagrams that went through. */
  mutations = 0;
  #held = [];
  #seen = [];
  #luck;
  #share;
  #repairs;

  /** Does something to this share of the datagrams; `repairs` says which bytes get a right checksum. */
  constructor(luck, share, repairs) {
    this.#luck = luck;
    this.#share = share;
    this.#repairs = repairs;
  }

  push(now, datagram, tag) {
    const bytes = Buffer.from(datagram);
    const luck = this.#luck;
    this.#seen[luck.below(REMEMBERED)] = bytes;
    if (luck.below(1000) >= 1000 * this.#share) return this.#pass(now, bytes, tag);
    const changed = () => this.#change(bytes);
    switch (luck.below(5)) {
      case 0:
        return this.#pass(now, changed(), tag); // instead of it
      case 1:
        this.#pass(now, changed(), tag); // before it
        return this.#pass(now, bytes, tag);
      case 2:
        this.#pass(now, bytes, tag); // after it
        return this.#pass(now + luck.below(200), changed(), tag);
      case 3:
        this.#pass(now, bytes, tag); // an old one again, perhaps changed
        return this.#pass(now, luck.below(2) === 0 ? this.#old() : this.#change(this.#old()), tag);
      default:
        for (let copies = luck.below(8); copies > 0; copies -= 1) this.#pass(now + luck.below(50), changed(), tag);
        return this.#pass(now + luck.below(500), bytes, tag); // late
    }
  }

  pull(now) {
    const index = this.#held.findIndex(({ at }) => at <= now);
    return index === -1 ? undefined : this.#held.splice(index, 1)[0];
  }

  pollTimeout() {
    return this.#held.length === 0 ? undefined : Math.min(...this.#held.map(({ at }) => at));
  }

  #pass(now, bytes, tag) {
    this.#held.push({ at: now + DELAY, bytes: Buffer.from(bytes), tag });
  }

  #old() {
    return this.#luck.of(this.#seen.filter((one) => one !== undefined));
  }

  #change(bytes) {
    this.mutations += 1;
    const changed = mutate(bytes, this.#luck, this.#old());
    const isProtected = ((changed[0] ?? 0) & PROTECTED_TYPE) !== 0;
    return this.#repairs(isProtected) && this.#luck.below(4) > 0 ? repair(Buffer.from(changed)) : changed;
  }
}
