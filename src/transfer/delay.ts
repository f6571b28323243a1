/**
 * Answers that take their time, in steps made by hand instead of milliseconds: what a disk in memory needs to be slow
 * and yet exact.
 */
export class Delay {
  readonly #steps: number;
  #now = 0;
  readonly #waiting: { readonly due: number; readonly wake: () => void }[] = [];

  /** Every answer comes this many steps after its question; 0: at once. */
  constructor(steps = 0) {
    this.#steps = steps;
  }

  /** A question asked now: when its answer is due. `wake` is called then, unless it is due at once. */
  start(wake: () => void): number {
    const due = this.#now + this.#steps;
    if (this.#steps > 0) this.#waiting.push({ due, wake });
    return due;
  }

  /** Whether the answer may be given. */
  passed(due: number): boolean {
    return due <= this.#now;
  }

  /** Makes one step, and wakes whoever waited for it. */
  advance(): void {
    this.#now++;
    for (let first = this.#waiting[0]; first !== undefined && this.passed(first.due); first = this.#waiting[0]) {
      this.#waiting.shift();
      first.wake();
    }
  }
}
