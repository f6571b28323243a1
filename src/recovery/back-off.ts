import type { Millis } from '../base/units.ts';
import { MAX_TIMEOUT } from './constants.ts';

/** A timeout after so many expiries: capped, but never sooner than the timeout itself (RFC 6298 section 5). */
export function backOff(timeout: Millis, factor: number): Millis {
  return Math.max(timeout, Math.min(timeout * factor, MAX_TIMEOUT));
}
