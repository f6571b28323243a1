import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';
import type { ControllerContext } from './controller.ts';

type StartContext = Pick<ControllerContext, 'maxDatagram' | 'startRate' | 'rtt'>;

/**
 * RFC 9002 section 7.2 says 10, and the large QUIC stacks take 32. Twice that, spread over half a round trip, saves one on
 * every path, and where a queue holds 25 packets its losses cost a hundredth (`docs/performance.md`).
 */
const START_DATAGRAMS = 64;
/** No more than this, however large datagrams are, unless it would be less than two. */
const USUAL_START: Bytes = START_DATAGRAMS * 1500;
/** A long path may begin with a window for this rate, 4 Mbit/s, up to four times the usual. */
const START_RATE: BytesPerMilli = 500;
const MOST_START: Bytes = 4 * START_DATAGRAMS * 1200;
/** A rate that is given is believed up to such a window; the slack is for ACKs that come a little late. */
const MOST_GIVEN_START: Bytes = 1024 * 1024;
const START_SLACK = 1.25;

/** RFC 9002 section 7.7: a little faster than the window, so that pacing itself is never the limit. */
const PACING_GAIN = 1.25;
/** Twice the window per round trip while it doubles, or pacing would hold slow start back (RFC 9002 section 7.7). */
const SLOW_START_PACING_GAIN = 2;
/** Round trips shorter than this are not told apart from none. */
const SHORTEST_ROUND_TRIP: Millis = 0.1;

/**
 * What may be in flight before anything is known but the handshake's round trip. It is paced (`initialRate`), so that it
 * meets a queue of 25 packets as a trickle and not as a burst.
 */
export function initialWindow({ maxDatagram, startRate = 0, rtt }: StartContext): Bytes {
  const usual = Math.min(START_DATAGRAMS * maxDatagram, Math.max(USUAL_START, 2 * maxDatagram));
  const long = Math.min(START_RATE * rtt.min, MOST_START);
  const given = Math.min(START_SLACK * startRate * rtt.min, MOST_GIVEN_START);
  return Math.max(usual, long, given);
}

/** How fast the initial window leaves: at the rate that the path is said to take, or within half a round trip. */
export function initialRate(context: StartContext): BytesPerMilli {
  return context.startRate ?? windowRate(initialWindow(context), context.rtt.srtt, true);
}

/** What may always be in flight (RFC 9002 section 7.2). */
export function minimumWindow(maxDatagram: Bytes): Bytes {
  return 2 * maxDatagram;
}

/** How fast a window leaves that is spread over a round trip (RFC 9002 section 7.7). */
export function windowRate(cwnd: Bytes, srtt: Millis, inSlowStart: boolean): BytesPerMilli {
  return ((inSlowStart ? SLOW_START_PACING_GAIN : PACING_GAIN) * cwnd) / Math.max(srtt, SHORTEST_ROUND_TRIP);
}
