import type { Millis } from '../../base/units.ts';
import type { Draft, Impairment } from '../draft.ts';
import type { BlackoutSpec } from '../spec.ts';

/** Loses everything that enters during given spans, counted from the first datagram. No randomness. */
export class Blackout implements Impairment {
  readonly #spans: readonly BlackoutSpec[];
  #firstAt: Millis | undefined;

  constructor(spans: readonly BlackoutSpec[]) {
    this.#spans = spans;
  }

  apply(draft: Draft): void {
    this.#firstAt ??= draft.now;
    const elapsed = draft.now - this.#firstAt;
    if (this.#spans.some((span) => isWithin(span, elapsed))) draft.drop('blackout');
  }
}

/** The start is inside, the end is not. */
function isWithin({ start, duration, every }: BlackoutSpec, elapsed: Millis): boolean {
  if (elapsed < start) return false;
  const into = every === undefined ? elapsed - start : (elapsed - start) % every;
  return into < duration;
}
