import { expect, test } from 'vitest';
import { DuplicateAcks } from '../../src/recovery/duplicate-acks.ts';

const ROUND_TRIP = 100;

/** The count after ACKs in packets 0, 1, 2, ... the first of which advanced the cumulative offset to 100. */
function countAfter(
  acks: readonly {
    at?: number;
    packet?: number;
    cumulative?: number;
    isNews?: boolean;
    oldestSentAt?: number | null;
  }[],
): number {
  const duplicates = new DuplicateAcks();
  duplicates.onAck(1000, 0, 100, true, 900, ROUND_TRIP);
  for (const [i, ack] of acks.entries()) {
    const { at = 1000, packet = i + 1, cumulative = 100, isNews = false, oldestSentAt = 900 } = ack;
    duplicates.onAck(at, packet, cumulative, isNews, oldestSentAt ?? undefined, ROUND_TRIP);
  }
  return duplicates.count;
}

test.each([
  { name: 'ACKs that do not advance count', acks: [{}, {}, {}], count: 3 },
  { name: 'one that advances begins anew', acks: [{}, {}, { cumulative: 200 }], count: 0 },
  { name: 'one that names something new does not count', acks: [{}, { isNews: true }], count: 1 },
  { name: 'one that comes late, after a newer one, does not count', acks: [{ packet: 5 }, { packet: 4 }], count: 1 },
  { name: 'a copy does not count', acks: [{ packet: 5 }, { packet: 5 }], count: 1 },
  { name: 'one too early to be about the oldest packet', acks: [{ at: 1050, oldestSentAt: 951 }], count: 0 },
  { name: 'one a round trip after the oldest packet', acks: [{ at: 1050, oldestSentAt: 950 }], count: 1 },
  { name: 'nothing in flight', acks: [{ oldestSentAt: null }], count: 0 },
])('$name: $count', ({ acks, count }) => {
  expect(countAfter(acks)).toBe(count);
});
