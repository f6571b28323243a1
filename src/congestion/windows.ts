import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';

/** RFC 9002 section 7.7: a little faster than the window, so that pacing itself is never the limit. */
const PACING_GAIN = 1.25;
/** Twice the window per round trip while it doubles, or pacing would hold slow start back (RFC 9002 section 7.7). */
const SLOW_START_PACING_GAIN = 2;
/** Round trips shorter than this are not told apart from none. */
const SHORTEST_ROUND_TRIP: Millis = 0.1;

/** What may be in flight before anything is known (RFC 9002 section 7.2). */
export function initialWindow(maxDatagram: Bytes): Bytes {
  return Math.min(10 * maxDatagram, Math.max(14_720, 2 * maxDatagram));
}

/** What may always be in flight (RFC 9002 section 7.2). */
export function minimumWindow(maxDatagram: Bytes): Bytes {
  return 2 * maxDatagram;
}

/** How fast a window leaves that is spread over a round trip (RFC 9002 section 7.7). */
export function windowRate(cwnd: Bytes, srtt: Millis, inSlowStart: boolean): BytesPerMilli {
  return ((inSlowStart ? SLOW_START_PACING_GAIN : PACING_GAIN) * cwnd) / Math.max(srtt, SHORTEST_ROUND_TRIP);
}
