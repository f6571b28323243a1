import type { Millis } from '../base/units.ts';

/** Before the first sample (RFC 9002 section 6.2.2). */
export const INITIAL_RTT: Millis = 333;
/** RFC 6298 section 2.1. */
export const INITIAL_RTO: Millis = 1000;
/** What timers can resolve: Node's fire up to 2 ms late (RFC 9002 section 6.1.2 asks for at least 1 ms). */
export const GRANULARITY: Millis = 2;
/** RFC 9002 section 6.1.1. */
export const PACKET_THRESHOLD = 3;
/** RFC 9002 section 6.1.2. */
export const TIME_THRESHOLD = 9 / 8;
/** Duplicate ACKs that make go-back-N resend (RFC 5681 section 3.2). */
export const DUPLICATE_ACK_THRESHOLD = 3;
/** No timeout grows beyond this, so that a path that comes back is found soon (RFC 8085 section 3.1.3 allows one datagram per 3 s). */
export const MAX_TIMEOUT: Millis = 3000;
/** Persistent congestion: everything lost over this many probe timeouts (RFC 9002 section 7.6.1). */
export const PERSISTENT_CONGESTION_THRESHOLD = 3;
/** Datagrams sent when a probe timeout expires (RFC 9002 section 6.2.4). */
export const PROBES_PER_TIMEOUT = 2;
/** A deadline missed by more than this: no busy machine, but one that slept, or a process that was stopped. */
export const SUSPENSION: Millis = 2000;
/** An ACK may be so much later than its sender promised, on a busy machine, and still measure the path. */
export const MAX_ACK_LATENESS: Millis = 100;
