import type { Bytes, Millis } from '../base/units.ts';
import { DeadlineHeap } from './deadline-heap.ts';
import { earliest } from './endpoint.ts';

/** What an agenda looks after: a session. */
export interface Polled {
  handleTimeout(now: Millis): void;
  /** 0: nothing to send now. */
  pollTransmit(now: Millis, out: Uint8Array): Bytes;
  pollTimeout(): Millis | undefined;
}

/**
 * Which of many sessions have something to do: those that were touched since they had last nothing to send, in the order
 * of their turns, and those whose deadline has come. The others cost nothing.
 */
export class Agenda<T extends Polled> {
  /** In the order of their turns to send. */
  readonly #touched = new Set<T>();
  /** Deadlines of the others. */
  readonly #waiting = new DeadlineHeap<T>();

  /** Something came for it, or its user gave it something to do. */
  touch(item: T): void {
    this.#touched.add(item);
  }

  /** It is no more. */
  remove(item: T): void {
    this.#touched.delete(item);
    this.#waiting.set(item, undefined);
  }

  /** Lets the deadlines that have come act, and visits every item that may be another than before. */
  handleTimeout(now: Millis, visit: (item: T) => void): void {
    for (let due = this.#waiting.pollDue(now); due !== undefined; due = this.#waiting.pollDue(now)) this.touch(due);
    for (const item of this.#touched) {
      item.handleTimeout(now);
      visit(item);
    }
  }

  /** Writes the next datagram to `out`: everyone with something to send gets a turn before anyone gets a second. */
  pollTransmit(now: Millis, out: Uint8Array): { readonly item: T; readonly length: Bytes } | undefined {
    for (const item of this.#touched) {
      const length = item.pollTransmit(now, out);
      if (length === 0) {
        this.#touched.delete(item);
        this.#waiting.set(item, item.pollTimeout());
        continue;
      }
      if (this.#touched.size > 1) {
        this.#touched.delete(item); // to the end of the line
        this.#touched.add(item);
      }
      return { item, length };
    }
    return undefined;
  }

  /** The earliest deadline of all. */
  pollTimeout(): Millis | undefined {
    let deadline = this.#waiting.earliest;
    for (const item of this.#touched) deadline = earliest(deadline, item.pollTimeout());
    return deadline;
  }
}
