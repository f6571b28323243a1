import type { Bytes } from '../base/units.ts';

/** The largest value of the last so many ticks of a clock that only counts. */
export class WindowedMax {
  /** Older and larger before newer and smaller. */
  readonly #entries: { readonly tick: number; readonly value: number }[] = [];

  /** 0 before the first value. */
  get max(): number {
    return this.#entries[0]?.value ?? 0;
  }

  /** Takes a value in; forgets what is `length` ticks old. */
  update(tick: number, value: number, length: number): void {
    while (this.#entries.length > 0 && (this.#entries.at(-1)?.value ?? 0) <= value) this.#entries.pop();
    this.#entries.push({ tick, value });
    while ((this.#entries[0]?.tick ?? tick) <= tick - length) this.#entries.shift();
  }
}

/** Round trips counted by packets: one is over when a packet sent after its beginning is acknowledged. */
export class Rounds {
  #endsAt: Bytes = 0;
  #count = 0;
  #started = false;

  get count(): number {
    return this.#count;
  }

  /** The newest ACK began a round. */
  get started(): boolean {
    return this.#started;
  }

  /** An ACK: what had been delivered when its packet left, and what is delivered now. */
  onAck(priorDelivered: Bytes, delivered: Bytes): void {
    this.#started = priorDelivered >= this.#endsAt;
    if (!this.#started) return;
    this.#endsAt = delivered;
    this.#count++;
  }

  /** The round begins now: something changed that only packets sent from here on show. */
  restart(delivered: Bytes): void {
    this.#endsAt = delivered;
  }
}
