import { describe, expect, test } from 'vitest';
import { Pair, see } from '../session/pair.ts';

// What every textbook says of the three protocols, seen in the datagrams: ten packets over a path of 100 ms.

const PAYLOAD = 1157;
const PACKETS = 10;
const SIZE = PACKETS * PAYLOAD;

/** The initiator sends ten packets of DATA, all of them at once if its window lets it. */
function pairOf(arq: 'stop-and-wait' | 'go-back-n' | 'selective-repeat', window = 64): Pair {
  return new Pair({ arq, window, congestion: 'fixed' }).warm();
}

/** Loses the n-th DATA packets, counted from 0, of the initiator, or the n-th ACKs of the acceptor. */
function lose(pair: Pair, which: { data?: readonly number[]; acks?: readonly number[] }): void {
  const seen = { data: 0, ack: 0 };
  pair.loses = (datagram) => {
    const { frames } = see(datagram);
    if (frames.some(({ kind }) => kind === 'data')) return which.data?.includes(seen.data++) ?? false;
    return which.acks?.includes(seen.ack++) ?? false;
  };
}

/** The packets that went out, by their place in the stream. */
const places = (pair: Pair): number[] => pair.offsets('initiator').map((offset) => offset / PAYLOAD);
const inOrder = Array.from({ length: PACKETS }, (_, i) => i);

describe('nothing lost', () => {
  test.each([
    { arq: 'stop-and-wait', window: 64, roundTrips: 10 },
    { arq: 'go-back-n', window: 1, roundTrips: 10 },
    { arq: 'go-back-n', window: 5, roundTrips: 2 },
    { arq: 'go-back-n', window: 64, roundTrips: 1 },
    { arq: 'selective-repeat', window: 5, roundTrips: 2 },
    { arq: 'selective-repeat', window: 64, roundTrips: 1 },
  ] as const)(
    '$arq with a window of $window needs $roundTrips round trips for ten packets',
    ({ arq, window, roundTrips }) => {
      const pair = pairOf(arq, window);
      const took = pair.transfer(SIZE, 2000);
      expect(took).toBeGreaterThanOrEqual(100 * roundTrips);
      expect(took).toBeLessThan(100 * roundTrips + 50);
      expect(places(pair)).toEqual(inOrder);
    },
  );
});

describe('one packet lost', () => {
  test('stop-and-wait sends that packet again, after its timeout, and no other', () => {
    const pair = pairOf('stop-and-wait');
    lose(pair, { data: [3] });
    pair.transfer(SIZE, 2000);
    expect(places(pair)).toEqual([0, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9]);
    expect(pair.acceptor.stats.notKept).toBe(0);
  });

  test('go-back-n sends everything from it again: its receiver kept nothing', () => {
    const pair = pairOf('go-back-n');
    lose(pair, { data: [3] });
    pair.transfer(SIZE, 2000);
    expect(places(pair)).toEqual([...inOrder, 3, 4, 5, 6, 7, 8, 9]);
    expect(pair.acceptor.stats.notKept).toBe(6);
  });

  test('go-back-n hears of it from three duplicate ACKs, without waiting for the timeout', () => {
    const pair = pairOf('go-back-n');
    lose(pair, { data: [3] });
    expect(pair.transfer(SIZE, 2000)).toBe(200);
  });

  test('go-back-n with too few behind it waits for the timeout', () => {
    const pair = pairOf('go-back-n');
    lose(pair, { data: [8] });
    expect(pair.transfer(SIZE, 2000)).toBeGreaterThan(202);
    expect(places(pair)).toEqual([...inOrder, 8, 9]);
  });

  test('selective repeat sends that packet again and no other: its receiver kept the rest', () => {
    const pair = pairOf('selective-repeat');
    lose(pair, { data: [3] });
    pair.transfer(SIZE, 2000);
    expect(places(pair)).toEqual([...inOrder, 3, 3]); // twice, as all that remains to be acknowledged: an early probe
    expect(pair.acceptor.stats.notKept).toBe(0);
  });
});

describe('several packets lost', () => {
  test('go-back-n goes back to the first of them, once', () => {
    const pair = pairOf('go-back-n');
    lose(pair, { data: [2, 5, 7] });
    pair.transfer(SIZE, 2000);
    expect(places(pair)).toEqual([...inOrder, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('selective repeat sends just them again, all within one round trip', () => {
    const pair = pairOf('selective-repeat');
    lose(pair, { data: [0, 2, 5] });
    expect(pair.transfer(SIZE, 2000)).toBeLessThan(250);
    expect(places(pair)).toEqual([...inOrder, 0, 2, 5]);
  });

  test('selective repeat finds a lost tail by probing: what was newest goes out at most twice more', () => {
    const pair = pairOf('selective-repeat');
    lose(pair, { data: [8, 9] });
    pair.transfer(SIZE, 2000);
    expect(
      places(pair)
        .slice(PACKETS)
        .every((place) => place >= 8),
    ).toBe(true);
    expect(places(pair).length).toBeLessThanOrEqual(PACKETS + 4);
  });
});

describe('ACKs lost', () => {
  test('stop-and-wait sends its packet again, and its receiver reads it once', () => {
    const pair = pairOf('stop-and-wait');
    lose(pair, { acks: [3] });
    pair.transfer(SIZE, 2000);
    expect(places(pair)).toEqual([0, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9]);
    expect(pair.received('acceptor')).toBe(SIZE);
  });

  test('go-back-n does not care while a later one arrives: they are cumulative', () => {
    const pair = pairOf('go-back-n');
    lose(pair, { acks: [0, 1, 2, 3, 4, 6, 7, 8] });
    pair.transfer(SIZE, 2000);
    expect(places(pair)).toEqual(inOrder);
  });

  test('selective repeat does not care either: every ACK says all that came', () => {
    const pair = pairOf('selective-repeat');
    lose(pair, { acks: [0, 1, 2] });
    pair.transfer(SIZE, 2000);
    expect(places(pair)).toEqual(inOrder);
  });
});

describe('a path that becomes slow all at once', () => {
  test.each(['stop-and-wait', 'go-back-n'] as const)(
    '%s sends needless copies once, and their ACKs cause no more of them (RFC 1123 section 4.2.3.1)',
    (arq) => {
      const pair = pairOf(arq, 8);
      pair.delay = 400;
      pair.transfer(20 * PAYLOAD, 60_000);
      const copies = pair.offsets('initiator').length - 20;
      expect(copies).toBeGreaterThan(0);
      expect(copies).toBeLessThanOrEqual(16);
      expect(pair.received('acceptor')).toBe(20 * PAYLOAD);
    },
  );
});
