import { backOff } from '../recovery/back-off.ts';
import type { ArqStrategy } from './strategy.ts';

/** One packet in flight; it is sent again when its timeout expires (RFC 3366 section 2.2, timeout of RFC 6298). */
export const STOP_AND_WAIT: ArqStrategy = {
  name: 'stop-and-wait',
  keepsOutOfOrder: false,
  acknowledgesEach: true,
  windowLimit: () => 1,
  // Duplicate ACKs say nothing here: acting on them is the Sorcerer's Apprentice bug (RFC 1123 section 4.2.3.1).
  detectLost: () => ({ lost: [] }),
  deadline: ({ sent, rtt, lastSentAt }, backoff) => (sent.oldest?.sentAt ?? lastSentAt) + backOff(rtt.rto(), backoff),
  onTimeout: ({ sent }) => ({ lost: sent.inFlight(), probes: 0 }),
};
