/** Where BBR is: finding the rate, emptying the queue that took, or in the cycle of probing it lives in. */
export type BbrPhase = 'startup' | 'drain' | 'down' | 'cruise' | 'refill' | 'up' | 'probe-rtt';

/** How fast a phase sends, in bandwidths, and how much it lets be in flight, in bandwidth-delay products. */
export const GAINS: Readonly<Record<BbrPhase, { readonly pacing: number; readonly cwnd: number }>> = {
  startup: { pacing: 2.77, cwnd: 2 },
  drain: { pacing: 0.5, cwnd: 2 },
  down: { pacing: 0.9, cwnd: 2 },
  cruise: { pacing: 1, cwnd: 2 },
  refill: { pacing: 1, cwnd: 2 },
  up: { pacing: 1.25, cwnd: 2.25 },
  'probe-rtt': { pacing: 1, cwnd: 0.5 },
};

/**
 * Cruising where a queue stands all the time, and starting where one begins to: less in flight. With 2 each of several
 * senders keeps what it has, because the queue is full before one that has little can show that there is more. Not in
 * the draft.
 */
export const QUEUED_CWND_GAIN = 1.35;
/** Starting where a queue begins to stand: what the rate grows by until it is known to be the limit. Not in the draft. */
export const QUEUED_STARTUP_GAIN = 1.25;

/** Phases that look for more bandwidth: what is lost there tells how much is too much. */
export const isProbing = (phase: BbrPhase): boolean => phase === 'startup' || phase === 'refill' || phase === 'up';
