import { emptySnapshot } from '../../src/recovery/delivery-rate.ts';
import type { SentPacket } from '../../src/recovery/sent-packet.ts';

export const MSS = 1200;

/** A packet as controllers hear of it. */
export function packet(sentAt: number, appLimited = false): SentPacket {
  const data = { offset: 0, length: 1, fin: false };
  const rest = { credit: false, path: false, delivery: emptySnapshot(), state: 'in-flight' } as const;
  return { number: sentAt, sentAt, size: MSS, data, appLimited, ...rest };
}
