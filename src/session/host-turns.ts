import type { Millis } from '../base/units.ts';

/** Hosts share these: a flood of forged addresses may fill all, and takes no memory for it. */
const CELLS = 16_384;

/** Which hosts had something in the present turn, roughly: those that share a cell have it together. */
export class HostTurns {
  readonly #length: Millis;
  readonly #cells = new Uint8Array(CELLS);
  #turn = 0;

  constructor(length: Millis) {
    this.#length = length;
  }

  has(now: Millis, host: string): boolean {
    this.#begin(now);
    return this.#cells[cellOf(host)] === 1;
  }

  add(now: Millis, host: string): void {
    this.#begin(now);
    this.#cells[cellOf(host)] = 1;
  }

  #begin(now: Millis): void {
    const turn = Math.floor(now / this.#length);
    if (turn !== this.#turn) this.#cells.fill(0);
    this.#turn = turn;
  }
}

/** FNV-1a, its high bits folded in: neighbours have cells of their own. */
function cellOf(host: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < host.length; at++) hash = Math.imul(hash ^ host.charCodeAt(at), 0x01000193);
  return ((hash >>> 16) ^ hash) & (CELLS - 1);
}
