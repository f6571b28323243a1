import type { Millis } from '../base/units.ts';
import type { Endpoint } from './endpoint.ts';

/**
 * An endpoint with something to do on it. Whoever drives it, a socket or the simulator, takes a turn after every input:
 * `endpoint.handleTimeout`, `step`, drain `endpoint.pollTransmit`, then arm a timer from `endpoint.pollTimeout`.
 */
export interface Host {
  readonly endpoint: Endpoint;
  /** Everything that can be done now without waiting. */
  step(now: Millis): void;
}
