import { expect, test } from 'vitest';
import { isPersistent } from '../../src/recovery/persistent-congestion.ts';
import type { SentPacket } from '../../src/recovery/sent-packet.ts';
import { SentPackets } from '../../src/recovery/sent-packets.ts';

const PTO = 100;

/** Packets sent at these times; all lost but those at `acked`. */
function judge(times: readonly number[], { acked = [] as readonly number[], firstSampleAt = 0 as number | null } = {}) {
  const sent = new SentPackets(0);
  for (const [number, sentAt] of times.entries()) {
    sent.add(number, sentAt, 100, { data: undefined, credit: false, path: false });
  }
  for (const number of acked) sent.acknowledge(number, number + 1, () => {});
  const lost = times.map((_, number) => sent.get(number) as SentPacket).filter(({ state }) => state === 'in-flight');
  return isPersistent(lost, sent, firstSampleAt ?? undefined, PTO);
}

test.each([
  { name: 'over more than three probe timeouts', times: [0, 100, 301], persistent: true },
  { name: 'over three and no more', times: [0, 100, 300], persistent: false },
  { name: 'nothing lost', times: [], persistent: false },
  { name: 'something acknowledged in between', times: [0, 200, 400], acked: [1], persistent: false },
  { name: 'long enough again after it', times: [0, 200, 400, 701], acked: [1], persistent: true },
  { name: 'begun before the first sample', times: [0, 100, 301], firstSampleAt: 1, persistent: false },
  {
    name: 'long enough, but only with what had been sent before it',
    times: [0, 100, 301],
    firstSampleAt: 100,
    persistent: false,
  },
  { name: 'no sample at all', times: [0, 100, 301], firstSampleAt: null, persistent: false },
])('$name: $persistent', ({ times, acked = [], firstSampleAt = 0, persistent }) => {
  expect(judge(times, { acked, firstSampleAt })).toBe(persistent);
});
