import { expect, test } from 'vitest';
import type { SessionConfig } from '../../src/session/config.ts';
import { Pair, see } from '../session/pair.ts';

// Over a path of 100 ms, of which few samples are known: a probe timeout takes more than two round trips.

const PAYLOAD = 1157;
const pairOf = (config: Partial<SessionConfig> = {}): Pair => new Pair({ congestion: 'fixed', ...config }).warm();
const hasData = (datagram: Parameters<typeof see>[0]): boolean =>
  see(datagram).frames.some(({ kind }) => kind === 'data');

/** Loses the DATA packets with these places, counted from 0, and tells how many it lost. */
function lose(pair: Pair, places: readonly number[]): { lost: number } {
  const count = { lost: 0 };
  let seen = 0;
  pair.loses = (datagram) => {
    const isLost = hasData(datagram) && places.includes(seen++);
    if (isLost) count.lost++;
    return isLost;
  };
  return count;
}

/** When the initiator sent DATA, from now on, in milliseconds. */
function sendingTimes(pair: Pair, packets: number): number[] {
  const start = pair.now;
  pair.write('initiator', packets * PAYLOAD).run(1000);
  return pair.log.filter((datagram) => hasData(datagram)).map(({ sentAt }) => sentAt - start);
}

test('a packet that is lost alone is repeated after a quarter of a round trip', () => {
  const pair = pairOf();
  const count = lose(pair, [0]);
  const times = sendingTimes(pair, 1);
  expect(count.lost).toBe(1);
  expect(times).toEqual([0, 25]);
});

test('the copy is lost too: the next one waits for the probe timeout', () => {
  const pair = pairOf();
  const count = lose(pair, [0, 1]);
  const [, , third] = sendingTimes(pair, 1);
  expect(count.lost).toBe(2);
  expect(third).toBeGreaterThanOrEqual(25 + 200);
});

test('an answer that comes is probed for once, however long what follows takes', () => {
  const pair = pairOf();
  expect(sendingTimes(pair, 1)).toEqual([0, 25]);
});

test('more than two in flight are not probed before the timeout', () => {
  const pair = pairOf();
  expect(sendingTimes(pair, 3)).toHaveLength(3);
});

test('a tail whose end is lost is probed a quarter of a round trip after the last ACK', () => {
  const pair = pairOf();
  const count = lose(pair, [9]);
  const times = sendingTimes(pair, 10);
  expect(count.lost).toBe(1);
  expect(times).toHaveLength(11);
  expect(times.at(-1)).toBeLessThanOrEqual(100 + 25 + 25); // the last ACK may have been delayed
});

test.each([
  ['stop-and-wait', {}],
  ['go-back-n', {}],
  ['selective-repeat', { window: 16 }], // each packet has a timer of its own
] as const)('%s with %o waits for its timeout', (arq, more) => {
  const pair = pairOf({ arq, ...more });
  const count = lose(pair, [0]);
  const times = sendingTimes(pair, 1);
  expect(count.lost).toBe(1);
  expect(times[1]).toBeGreaterThanOrEqual(200);
});
