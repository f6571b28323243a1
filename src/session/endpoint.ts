import type { Bytes, Millis } from '../base/units.ts';

/** A datagram that was written to the caller's buffer. */
export interface Transmit {
  readonly length: Bytes;
  /** The peer's address in the form that `handleDatagram` was given. */
  readonly to: string;
}

/**
 * Something that talks in datagrams, without I/O and without a clock. After every input: drain `pollTransmit`, then arm
 * one timer from `pollTimeout`. `now` never goes backwards. Addresses are opaque text to it.
 */
export interface Endpoint {
  handleDatagram(now: Millis, datagram: Uint8Array, from: string): void;
  /** Early or repeated calls do nothing. */
  handleTimeout(now: Millis): void;
  /** Writes the next datagram to `out`, which holds at least 65,507 bytes; undefined: nothing to send now. */
  pollTransmit(now: Millis, out: Uint8Array): Transmit | undefined;
  /** A deadline, not a delay; undefined: nothing will happen by itself. */
  pollTimeout(): Millis | undefined;
}

/** Most bytes a caller's transmit buffer has to hold. */
export const TRANSMIT_BUFFER: Bytes = 65_535;

/** The earliest of some deadlines, where undefined is never. */
export function earliest(...deadlines: readonly (Millis | undefined)[]): Millis | undefined {
  let result: Millis | undefined;
  for (const deadline of deadlines) {
    if (deadline !== undefined && (result === undefined || deadline < result)) result = deadline;
  }
  return result;
}
