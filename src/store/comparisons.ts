import type { Bytes } from '../base/units.ts';
import { PREFIX_CHUNK } from '../transfer/message-layout.ts';
import { Gate } from './gate.ts';
import type { Visit } from './visit.ts';

/** Large files that are read at once to be compared. */
const MAX_COMPARED = 2;

/**
 * Who may read what is there, to compare it: a sender that offers files by their names and sizes has them read for a few
 * bytes each. One large file of each sender at a time, so that they take turns, and few in all.
 */
export class Comparisons {
  readonly #gate = new Gate(MAX_COMPARED);

  /** Does the work when it is its turn. */
  async run<Result>(visit: Visit, size: Bytes, work: () => Promise<Result>): Promise<Result> {
    if (size < PREFIX_CHUNK) return work();
    await visit.comparing.enter();
    await this.#gate.enter();
    try {
      return await work();
    } finally {
      this.#gate.leave();
      visit.comparing.leave();
    }
  }
}
