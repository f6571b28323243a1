import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PING, SendingSide, SIZE } from './sending-side.ts';

/** Selective repeat that has measured a round trip of 100 ms that never varied (srtt 100, timeout 102). */
function steady(options: ConstructorParameters<typeof SendingSide>[1] = {}): SendingSide {
  return new SendingSide('selective-repeat', { samples: new Array<number>(200).fill(100), ...options });
}

describe('packet threshold (RFC 9002 section 6.1.1)', () => {
  test.each([
    { largest: 1, lost: [] },
    { largest: 2, lost: [] },
    { largest: 3, lost: [0] },
    { largest: 5, lost: [0, 1, 2] },
  ])('an ACK of $largest alone loses $lost', ({ largest, lost }) => {
    const side = steady().send(0, 0, 0, 0, 0, 0);
    side.ack(100, [largest]);
    expect(side.lost).toEqual(lost);
    expect(side.acked).toEqual([largest]);
  });

  test('what was sent after the largest acknowledged packet is never lost by it', () => {
    const side = steady().send(0, 0, 0, 0, 0);
    side.ack(100, [0]);
    side.expireUntil(2000);
    expect(side.lost).toEqual([]);
  });

  test('a packet is lost once', () => {
    const side = steady().send(0, 0, 0, 0, 0, 0);
    side.ack(100, [3]);
    side.ack(101, [3, 4, 5]);
    expect(side.lost).toEqual([0, 1, 2]);
  });
});

describe('time threshold (RFC 9002 section 6.1.2)', () => {
  test('a packet 9/8 of a round trip older than an acknowledged one is lost at that moment, not before', () => {
    const side = steady().send(0, 10);
    side.ack(110, [1]);
    expect(side.lost).toEqual([]);
    expect(side.recovery.deadline()).toBeCloseTo(112.5, 6);
    side.recovery.handleTimeout(112);
    expect(side.lost).toEqual([]);
    side.recovery.handleTimeout(side.recovery.deadline() as number);
    expect(side.lost).toEqual([0]);
    expect(side.recovery.deadline()).toBeUndefined();
  });

  test('the larger of smoothed and latest round trip counts', () => {
    const side = steady().send(0, 10);
    side.ack(210, [1]); // a sample of 200 ms
    expect(side.recovery.deadline()).toBeCloseTo(225, 6);
  });

  test('an older packet beyond it is lost at once', () => {
    const side = steady().send(0, 20);
    side.ack(120, [1]);
    expect(side.lost).toEqual([0]);
  });

  test('the earliest of several decides', () => {
    const side = steady().send(0, 5, 10);
    side.ack(110, [2]);
    expect(side.expireUntil(200).map(Math.round)).toEqual([113, 118]);
    expect(side.lost).toEqual([0, 1]);
  });
});

describe('round-trip samples (RFC 9002 section 5.1)', () => {
  test('are taken when the largest is newly acknowledged', () => {
    const side = new SendingSide('selective-repeat').send(0, 10, 20);
    side.ack(100, [1]);
    expect(side.rtt.latest).toBe(90);
    side.ack(105, [0, 1]);
    expect(side.rtt.latest).toBe(90);
    side.ack(121, [0, 1, 2]);
    expect(side.rtt.latest).toBe(101);
  });

  test('not from packets that ask for no ACK', () => {
    const side = new SendingSide('selective-repeat').send(0);
    side.recovery.onSent(5, 1, 40, undefined);
    side.ack(100, [0, 1]);
    expect(side.rtt.latest).toBeUndefined();
  });

  test('the delay a peer claims is capped by the longest it promised (RFC 9002 section 5.3)', () => {
    const side = new SendingSide('selective-repeat', { peerMaxAckDelay: 25, samples: [50] }).send(0);
    side.ack(100, [0], { ackDelay: 4_294_967 });
    expect(side.rtt.srtt).toBeCloseTo(0.875 * 50 + 0.125 * 75, 9);
  });
});

describe('what an ACK may not do', () => {
  test('name a packet that was never sent', () => {
    const side = steady().send(0, 0);
    expect(side.ack(100, [2])).toBe(false);
    expect(side.ack(100, [1, 2])).toBe(false);
    expect(side.ack(100, [2 ** 48 - 1])).toBe(false);
    expect(side.ack(100, [1])).toBe(true);
  });

  test('name a number that was skipped, however long ago, and nothing comes of it', () => {
    const side = steady().send(0, 0).skip().send(0, 0);
    const { srtt } = side.rtt;
    expect(side.ack(500, [1, 2, 3])).toBe(false);
    expect(side.ack(500, [2])).toBe(false);
    expect(side).toMatchObject({ acked: [], lost: [], rtt: { srtt } });
    expect(side.ack(100, [0, 1, 3, 4])).toBe(true);
    expect(side.ack(100, [3, 2])).toBe(false);
  });

  test('name a packet before the first', () => {
    const side = new SendingSide('selective-repeat', { firstNumber: 500 });
    side.recovery.onSent(0, 500, SIZE, PING);
    expect(side.ack(100, [500, 499])).toBe(false);
    expect(side.ack(100, [500])).toBe(true);
  });

  test('count anything twice, in whatever order and however often ACKs come', () => {
    const ack = fc.uniqueArray(fc.nat(29), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(fc.array(ack, { minLength: 1, maxLength: 20 }), (acks) => {
        const side = steady().send(...new Array<number>(30).fill(0));
        for (const [i, numbers] of acks.entries()) side.ack(100 + i, numbers);
        expect(new Set(side.acked).size).toBe(side.acked.length);
        expect(new Set(side.lost).size).toBe(side.lost.length);
        const named = new Set(acks.flat());
        expect(side.acked.toSorted((a, b) => a - b)).toEqual([...named].sort((a, b) => a - b));
        const settled = new Set([...side.acked, ...side.lost]);
        expect(side.recovery.sent.bytesInFlight).toBe((30 - settled.size) * SIZE);
        const heard = side.controller.acks.reduce((sum, { bytes }) => sum + bytes, 0);
        const late = side.lost.filter((number) => named.has(number)).length;
        expect(heard).toBe((named.size - late) * SIZE);
        expect(side.recovery.spuriousLosses).toBe(late);
      }),
    );
  });
});

describe('a loss by mistake', () => {
  test('is counted, and not told the controller as delivered', () => {
    const side = steady().send(0, 0, 0, 0);
    side.ack(100, [3]);
    expect(side.lost).toEqual([0]);
    side.ack(101, [0, 3]);
    expect(side.recovery.spuriousLosses).toBe(1);
    expect(side.acked).toEqual([3, 0]);
    expect(side.controller.acks.map(({ bytes }) => bytes)).toEqual([SIZE]);
  });

  test('is understood for three probe timeouts, then forgotten', () => {
    const late = (at: number): number => {
      const side = steady().send(0, 0, 0, 0);
      side.ack(100, [3]);
      side.send(at - 50);
      side.ack(at, [4]);
      side.ack(at + 1, [0]);
      return side.recovery.spuriousLosses;
    };
    expect(late(290)).toBe(1);
    expect(late(500)).toBe(0);
  });
});

describe('persistent congestion (RFC 9002 section 7.6)', () => {
  /** Sends at these times, over 3 x 102 ms or not, and hears of the last packet and of `acked`. */
  const isPersistent = (times: readonly number[], acked: readonly number[] = []): boolean => {
    const side = steady().send(...times);
    side.ack((times.at(-1) as number) + 100, [...acked, times.length - 1]);
    return side.controller.losses.some(({ persistent }) => persistent);
  };

  test.each([
    { name: 'everything lost for longer', times: [0, 100, 310, 320, 330, 700], persistent: true },
    {
      name: 'everything lost for not quite so long',
      times: [0, 100, 305, 320, 330, 340],
      acked: [3, 4],
      persistent: false,
    },
    {
      name: 'one packet in between acknowledged',
      times: [0, 100, 200, 310, 320, 330, 340],
      acked: [2],
      persistent: false,
    },
    { name: 'long enough again after it', times: [0, 10, 20, 30, 340, 350, 360, 700], acked: [1], persistent: true },
    { name: 'a single packet lost, however old', times: [0, 1000, 1010, 1020], acked: [1, 2], persistent: false },
  ])('$name: $persistent', ({ times, acked, persistent }) => {
    expect(isPersistent(times, acked)).toBe(persistent);
  });

  test('the example of section 7.6.3: seven seconds of losses against a threshold of three times two', () => {
    const peerMaxAckDelay = 590.625; // makes the probe timeout 2 s after the samples below
    const side = new SendingSide('selective-repeat', { samples: [200], peerMaxAckDelay }).send(0, 1000);
    side.ack(1200, [0]);
    side.send(2000, 3000, 4000, 5000, 6000, 8000, 12_000);
    side.ack(12_200, [0, 8]);
    expect(side.rtt.pto(peerMaxAckDelay)).toBe(2000);
    expect(side.controller.losses).toEqual([{ at: 12_200, numbers: [1, 2, 3, 4, 5, 6, 7], persistent: true }]);
  });

  test('our own ACKs between the losses are no sign that anything arrived', () => {
    const side = steady().send(0);
    side.recovery.onSent(100, 1, 40, undefined);
    side.send(310, 320, 330, 700);
    side.ack(800, [5]);
    expect(side.controller.losses.at(-1)).toMatchObject({ numbers: [0, 2, 3, 4], persistent: true });
  });

  test('what was sent before the first sample does not count: the timeout was a guess', () => {
    const side = new SendingSide('selective-repeat').send(0, 1000, 2000, 3000, 5000, 5015, 5020);
    side.ack(5095, [6]);
    expect(side.controller.losses.at(-1)).toMatchObject({ numbers: [0, 1, 2, 3, 4], persistent: false });
  });

  test('a sample of the handshake counts as the first', () => {
    const side = new SendingSide('selective-repeat', { samples: [100] }).send(0, 300, 600, 950, 960, 970, 980);
    side.ack(1080, [6]);
    expect(side.controller.losses.at(-1)?.persistent).toBe(true);
  });

  test('the smallest round trip is measured anew: the path may have changed', () => {
    const side = steady().send(0, 100, 1000, 1010, 1020, 1400);
    side.ack(1600, [5]);
    expect(side.controller.losses.at(-1)?.persistent).toBe(true);
    expect(side.rtt.min).toBe(200);
  });
});
