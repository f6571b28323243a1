import { backOff } from '../recovery/back-off.ts';
import { DUPLICATE_ACK_THRESHOLD } from '../recovery/constants.ts';
import type { ArqStrategy } from './strategy.ts';

/**
 * N packets in flight, acknowledged cumulatively; the receiver keeps nothing out of order, so one loss costs everything
 * sent after it. Goes back on the timeout of the oldest packet, or on three duplicate ACKs (RFC 5681 section 3.2).
 */
export const GO_BACK_N: ArqStrategy = {
  name: 'go-back-n',
  keepsOutOfOrder: false,
  acknowledgesEach: true,
  windowLimit: (window) => window,
  detectLost: ({ sent, duplicateAcks }) => ({
    lost: duplicateAcks >= DUPLICATE_ACK_THRESHOLD ? sent.inFlight() : [],
  }),
  deadline: ({ sent, rtt, lastSentAt }, backoff) => (sent.oldest?.sentAt ?? lastSentAt) + backOff(rtt.rto(), backoff),
  onTimeout: ({ sent }) => ({ lost: sent.inFlight(), probes: 0 }),
};
