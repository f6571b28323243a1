import type { Millis } from '../base/units.ts';
import { backOff } from '../recovery/back-off.ts';
import { PROBES_PER_TIMEOUT } from '../recovery/constants.ts';
import { lossDelay } from '../recovery/reordering.ts';
import type { SentPacket } from '../recovery/sent-packet.ts';
import type { ArqStrategy } from './strategy.ts';

/**
 * In a window no larger than this each packet has a timer of its own, as in the textbooks: with so few in flight, the
 * ACK of a later packet that betrays a loss comes late, often by a whole round trip.
 */
const SMALL_WINDOW = 16;

/** Packets that are probed early at a tail's end: to send so few again costs less than the wait for a timeout. */
const SHORT_TAIL = 2;
/** After this share of a round trip, so that no burst of losses takes both, and not before an answer on a short path. */
const EARLY_SHARE = 1 / 4;
const LEAST_EARLY: Millis = 10;

/** N packets in flight, acknowledged one by one in ranges; only what is lost is sent again (RFC 9002 section 6). */
export const SELECTIVE_REPEAT: ArqStrategy = {
  name: 'selective-repeat',
  keepsOutOfOrder: true,
  acknowledgesEach: false,
  windowLimit: (window) => window,

  detectLost({ sent, rtt, largestAcked, reordering }, now) {
    if (largestAcked === undefined) return { lost: [] };
    const delay = lossDelay(rtt, reordering);
    const lost: SentPacket[] = [];
    let lossTime: Millis | undefined;
    for (const packet of sent.inFlight(largestAcked)) {
      const lostAt = packet.sentAt + delay;
      if (sent.distance(packet.number, largestAcked) >= reordering.packetThreshold || lostAt <= now) lost.push(packet);
      else lossTime = Math.min(lossTime ?? lostAt, lostAt);
    }
    return { lost, lossTime };
  },

  // RFC 9002 section 6.2.1: counted from the newest packet, so that a steady flow does not trip it.
  deadline({ window, sent, rtt, lastSentAt, peerMaxAckDelay }, backoff) {
    const from = window <= SMALL_WINDOW ? (sent.oldest?.sentAt ?? lastSentAt) : lastSentAt;
    return from + backOff(rtt.pto(peerMaxAckDelay), backoff);
  },

  // Not in RFC 9002, whose timeout is three round trips while there is one sample: an offer, a verdict or a receipt that
  // is lost would cost that.
  earlyProbe({ window, sent, rtt, isTail, lastSentAt, lastAckedAt }) {
    if (!isTail || window <= SMALL_WINDOW || rtt.latest === undefined) return undefined;
    if (sent.dataInFlight === 0 || sent.packetsInFlight > SHORT_TAIL) return undefined;
    return Math.max(lastSentAt, lastAckedAt) + Math.max(LEAST_EARLY, EARLY_SHARE * rtt.srtt);
  },

  // RFC 9002 section 6.2.4: a timeout proves no loss, it asks again. A packet's own timer does (RFC 6298 section 5.4).
  onTimeout({ window, sent: { oldest } }) {
    if (window <= SMALL_WINDOW && oldest !== undefined) return { lost: [oldest], probes: 0 };
    return { lost: [], probes: PROBES_PER_TIMEOUT };
  },
};
