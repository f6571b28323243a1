import type { Bytes, Millis } from '../base/units.ts';
import { type Judge, UNTOUCHED, type Verdict } from './verdict.ts';

const FULL: Verdict = { cause: 'queue', copies: [] };

/**
 * Verdicts from a recording, by index and whatever the datagram: its size and content may differ. What the recording
 * does not name, after its end above all, is delivered untouched.
 */
export class Replay implements Judge {
  readonly maxQueue: Bytes = 0;
  readonly #verdicts: ReadonlyMap<number, Verdict>;

  constructor(verdicts: ReadonlyMap<number, Verdict>) {
    this.#verdicts = verdicts;
  }

  judge(_now: Millis, index: number, _size: Bytes, full: boolean): Verdict {
    return full ? FULL : (this.#verdicts.get(index) ?? UNTOUCHED);
  }
}
