import type { EntryOutcome } from '../transfer/outcome.ts';

/** Tells of each outcome once, as soon as it is looked at. */
export class OutcomeWatch {
  readonly #tell: (index: number, outcome: EntryOutcome) => void;
  /** All before this one were told. */
  #first = 0;
  readonly #told = new Set<number>();

  constructor(tell: (index: number, outcome: EntryOutcome) => void) {
    this.#tell = tell;
  }

  /** To be called now and then with all outcomes, those unknown so far included. */
  look(outcomes: readonly (EntryOutcome | undefined)[]): void {
    for (let index = this.#first; index < outcomes.length; index++) {
      const outcome = outcomes[index];
      if (outcome === undefined || this.#told.has(index)) continue;
      this.#told.add(index);
      this.#tell(index, outcome);
    }
    while (this.#told.delete(this.#first)) this.#first++;
  }
}
