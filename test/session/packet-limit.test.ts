import { expect, test, vi } from 'vitest';
import { CLOSE_CODE } from '../../src/wire/close-codes.ts';
import { Pair, type Side } from './pair.ts';

const SIDES = ['initiator', 'acceptor'] as const;
// 2^48 packets would take centuries: the last number is brought near.
const last = vi.hoisted(() => ({ number: Number.POSITIVE_INFINITY }));
vi.mock(import('../../src/session/closing.ts'), async (original) => ({
  ...(await original()),
  get LAST_PACKET_NUMBER() {
    return last.number;
  },
}));

test('a session whose numbers are used up ends with LIMIT, and beyond the last number says nothing but that', () => {
  const pair = new Pair();
  pair.run(200);
  const newest = (side: Side): number => Math.max(...pair.sent(side).map(({ number }) => number));
  // Both draw their first number: whoever drew the larger one comes to the end first.
  const [side, other] = newest('initiator') > newest('acceptor') ? SIDES : ([SIDES[1], SIDES[0]] as const);
  const before = newest(side);
  last.number = before + 20;
  pair.write(side, 100_000);
  pair.run(5000);
  expect(pair.sessions[side].end).toMatchObject({ by: 'local', code: CLOSE_CODE.limit });
  expect(pair.sessions[other].end).toMatchObject({ by: 'peer', code: CLOSE_CODE.limit });
  const packets = pair.sent(side).filter(({ number }) => number > before);
  expect(packets.length).toBeGreaterThan(20);
  for (const { number, frames } of packets)
    expect(frames.some(({ kind }) => kind === 'close')).toBe(number > last.number);
});
