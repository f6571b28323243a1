import type { Bytes } from '../base/units.ts';
import { PREFIX_CHUNK } from '../transfer/message-layout.ts';
import { Gate, type InTurn, within } from './gate.ts';
import type { Visit } from './visit.ts';

/** Pieces that are read at once to be compared. */
const MAX_READING = 2;

/**
 * Who may read what is there, to compare it: a sender that offers a file by its name and size, or digests of a part, has
 * much read for a few bytes. Large files are read in pieces: one piece of each sender at a time, and few in all, so that
 * nobody's files, however large or many, hold up those of others.
 */
export class Comparisons {
  readonly #reading = new Gate(MAX_READING);

  /** Compares a file, whose pieces are read in turns. Of large ones each sender has one open at a time. */
  async file<Result>(visit: Visit, size: Bytes, work: (inTurn: InTurn) => Promise<Result>): Promise<Result> {
    if (size < PREFIX_CHUNK) return work((piece) => piece());
    return within(visit.comparing, () => work(this.turnsOf(visit)));
  }

  /** The turns of one sender. */
  turnsOf(visit: Visit): InTurn {
    return (piece) => within(visit.reading, () => within(this.#reading, piece));
  }
}
