import type { Millis } from '../base/units.ts';
import { VERSION } from '../wire/limits.ts';

/** An answer to a HELLO that anyone could have forged: no proof, but worth telling. */
export type Hint =
  | { readonly kind: 'version'; readonly versions: readonly number[] }
  | { readonly kind: 'refused'; readonly code: number }
  | { readonly kind: 'unreachable' }
  /** An ACCEPT of this identity, or of none, which is not the one we want. */
  | { readonly kind: 'untrusted'; readonly identity: Uint8Array | undefined };

const ENOUGH = 3;
const SPREAD: Millis = 2000;

/** Believes a hint when it came three times over two seconds with nothing to the contrary. */
export class Hints {
  #last: Hint | undefined;
  #count = 0;
  #firstAt: Millis = 0;

  /** The newest hint: the best explanation when the time is up. */
  get last(): Hint | undefined {
    return this.#last;
  }

  /** Returns whether the hint is to be believed now. */
  take(now: Millis, hint: Hint): boolean {
    if (hint.kind === 'version' && hint.versions.includes(VERSION)) return false; // contradicts itself
    const same = this.#last?.kind === hint.kind && (hint.kind !== 'refused' || codeOf(this.#last) === hint.code);
    if (!same) {
      this.#count = 0;
      this.#firstAt = now;
    }
    this.#last = hint;
    this.#count++;
    return this.#count >= ENOUGH && now - this.#firstAt >= SPREAD;
  }
}

const codeOf = (hint: Hint | undefined): number | undefined => (hint?.kind === 'refused' ? hint.code : undefined);
