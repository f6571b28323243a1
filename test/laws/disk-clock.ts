import type { Millis } from '../../src/base/units.ts';
import type { Endpoint } from '../../src/session/endpoint.ts';
import type { Host } from '../../src/session/host.ts';
import type { Delay } from '../../src/transfer/delay.ts';

/** Makes a step of a slow disk at every tick of the simulation's clock. It sends nothing. */
export class DiskClock implements Host {
  readonly #delay: Delay;
  readonly #tick: Millis;
  #next: Millis;

  constructor(delay: Delay, tick: Millis) {
    this.#delay = delay;
    this.#tick = tick;
    this.#next = tick;
  }

  get endpoint(): Endpoint {
    return {
      handleDatagram: () => {},
      handleTimeout: (now) => {
        for (; this.#next <= now; this.#next += this.#tick) this.#delay.advance();
      },
      pollTransmit: () => undefined,
      pollTimeout: () => this.#next,
    };
  }

  step(): void {}
}
