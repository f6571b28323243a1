import type { Millis } from '../base/units.ts';
import { DeadlineHeap } from './deadline-heap.ts';
import { networkOf } from './network.ts';
import type { PendingSession } from './pending-session.ts';

/** The sessions whose initiators have not been heard since their ACCEPTs, by address and initiator's id. */
export class PendingSessions {
  readonly #byCaller = new Map<string, PendingSession>();
  readonly #deadlines = new DeadlineHeap<PendingSession>();
  readonly #countOfHost = new Map<string, number>();

  get size(): number {
    return this.#byCaller.size;
  }

  /** The earliest moment at which one of them is over. */
  get deadline(): Millis | undefined {
    return this.#deadlines.earliest;
  }

  get(caller: string): PendingSession | undefined {
    return this.#byCaller.get(caller);
  }

  /** How many of them are from the host of an address. */
  countFrom(address: string): number {
    return this.#countOfHost.get(networkOf(address)) ?? 0;
  }

  add(pending: PendingSession): void {
    this.#byCaller.set(pending.caller, pending);
    this.#deadlines.set(pending, pending.deadline);
    this.#count(pending.host, 1);
  }

  /** Takes one out: its initiator was heard, or it is over. */
  take(caller: string): PendingSession | undefined {
    const pending = this.#byCaller.get(caller);
    if (pending === undefined) return undefined;
    this.#byCaller.delete(caller);
    this.#deadlines.set(pending, undefined);
    this.#count(pending.host, -1);
    return pending;
  }

  /** Takes out the next one that is over. */
  takeOverdue(now: Millis): PendingSession | undefined {
    const pending = this.#deadlines.first;
    return pending?.isOver(now) ? this.take(pending.caller) : undefined;
  }

  /** Whether some host has so many more than the host of an address that one of them is better given to that. */
  mayYieldTo(address: string): boolean {
    return this.#most() > this.countFrom(address) + 1;
  }

  /** Takes out the oldest one of the host that has most. */
  takeFromGreediest(): PendingSession | undefined {
    const most = this.#most();
    for (const { host, caller } of this.#byCaller.values()) {
      if (this.#countOfHost.get(host) === most) return this.take(caller);
    }
    return undefined;
  }

  #most(): number {
    let most = 0;
    for (const count of this.#countOfHost.values()) most = Math.max(most, count);
    return most;
  }

  #count(host: string, by: number): void {
    const count = (this.#countOfHost.get(host) ?? 0) + by;
    if (count === 0) this.#countOfHost.delete(host);
    else this.#countOfHost.set(host, count);
  }
}
