import type { Millis } from '../base/units.ts';

/** What happened to a datagram in a simulation. */
export type LogEvent = 'sent' | 'delivered';

/** A running hash over every event of a simulation: equal for equal runs, and for nothing else that matters. */
export class EventLog {
  #a = 0x811c9dc5;
  #b = 0x01000193;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** 16 hexadecimal digits. */
  get hash(): string {
    return [this.#a, this.#b].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  /** Mixes in what happened, when, between whom, and the datagram's head and length (its tail holds its checksum). */
  add(event: LogEvent, now: Millis, from: string, to: string, datagram: Uint8Array): void {
    this.#count++;
    this.#mix(event === 'sent' ? 1 : 2);
    this.#mix(Math.floor(now * 1024));
    for (const text of [from, to]) for (let i = 0; i < text.length; i++) this.#mix(text.charCodeAt(i));
    const { length } = datagram;
    this.#mix(length);
    for (let i = 0; i < length && i < 24; i++) this.#mix(datagram[i] as number);
    for (let i = Math.max(24, length - 4); i < length; i++) this.#mix(datagram[i] as number);
  }

  #mix(value: number): void {
    this.#a = Math.imul(this.#a ^ value, 0x01000193);
    this.#b = Math.imul(this.#b ^ (value + (this.#a >>> 15)), 0x85ebca6b);
  }
}
