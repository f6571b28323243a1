import { expect, test } from 'vitest';
import { CLOSE_CODE } from '../../src/wire/close-codes.ts';
import { Pair, type Side } from './pair.ts';

const newest = (pair: Pair, side: Side): number => Math.max(...pair.sent(side).map(({ number }) => number));

test.each([
  ['initiator', 'acceptor'],
  ['acceptor', 'initiator'],
] as const)(
  'when the numbers of the %s are used up it ends with LIMIT, and says nothing beyond the last but that',
  (side, other) => {
    // 2^48 packets would take centuries: the last number is one that is near, because a seed draws the same first one again.
    const before = newest(new Pair().run(200), side);
    const last = before + 20;
    const pair = new Pair({}, {}, { [side]: last }).run(200);
    pair.write(side, 100_000);
    pair.run(5000);
    expect(pair.sessions[side].end).toMatchObject({ by: 'local', code: CLOSE_CODE.limit });
    expect(pair.sessions[other].end).toMatchObject({ by: 'peer', code: CLOSE_CODE.limit });
    const packets = pair.sent(side).filter(({ number }) => number > before);
    expect(packets.length).toBeGreaterThan(20);
    for (const { number, frames } of packets) {
      expect(frames.some(({ kind }) => kind === 'close')).toBe(number > last);
    }
  },
);
