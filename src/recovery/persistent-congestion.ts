import type { Millis } from '../base/units.ts';
import { PERSISTENT_CONGESTION_THRESHOLD } from './constants.ts';
import type { SentPacket } from './sent-packet.ts';
import type { SentPackets } from './sent-packets.ts';

/**
 * Whether packets lost now, ascending, are so many for so long that the estimate of the path is void (RFC 9002 section
 * 7.6.2): losses in a row, nothing acknowledged between them, over some probe timeouts, all sent after the first sample.
 */
export function isPersistent(
  lost: readonly SentPacket[],
  sent: Pick<SentPackets, 'anyAcked'>,
  firstSampleAt: Millis | undefined,
  pto: Millis,
): boolean {
  const newest = lost.at(-1);
  const span = PERSISTENT_CONGESTION_THRESHOLD * pto;
  if (newest === undefined || firstSampleAt === undefined || newest.sentAt - (lost[0] as SentPacket).sentAt <= span) {
    return false;
  }
  let first: SentPacket | undefined;
  let previous: SentPacket | undefined;
  for (const packet of lost) {
    const breaks = previous === undefined || sent.anyAcked(previous.number + 1, packet.number);
    if (breaks || first === undefined) first = packet;
    previous = packet;
    if (first.sentAt >= firstSampleAt && packet.sentAt - first.sentAt > span) return true;
  }
  return false;
}
