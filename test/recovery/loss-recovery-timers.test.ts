import { describe, expect, test } from 'vitest';
import { PING, SendingSide, SIZE } from './sending-side.ts';

const STEADY = new Array<number>(200).fill(100);
const rounded = (times: readonly number[]): number[] => times.map(Math.round);

describe('probe timeout (RFC 9002 section 6.2)', () => {
  test('counts from the newest packet, doubles with each expiry, never beyond 3 s', () => {
    const side = new SendingSide('selective-repeat', { samples: STEADY, peerMaxAckDelay: 25 }).send(0, 50);
    // srtt 100 + granularity 2 + 25; nothing is sent meanwhile, so each span counts from the expiry before.
    expect(rounded(side.expireUntil(20_000))).toEqual([177, 431, 939, 1955, 3987, 6987, 9987, 12_987, 15_987, 18_987]);
    expect(side.lost).toEqual([]); // a timeout proves nothing lost
  });

  test('asks for two probes at every expiry (section 6.2.4)', () => {
    const side = new SendingSide('selective-repeat', { samples: STEADY }).send(0);
    expect(side.recovery.probes).toBe(0);
    for (let i = 0; i < 3; i++) {
      side.expireUntil(side.recovery.deadline() as number);
      expect(side.recovery.probes).toBe(2);
    }
  });

  test('an ACK of anything new takes the doubling and the probes back', () => {
    const side = new SendingSide('selective-repeat', { samples: STEADY }).send(0, 0);
    side.expireUntil(1000);
    side.ack(1000, [0]);
    expect(side.recovery.probes).toBe(0);
    side.send(1000);
    expect(side.recovery.deadline()).toBeCloseTo(1000 + side.rtt.pto(0), 6);
  });

  test('an ACK of nothing new does not', () => {
    const side = new SendingSide('selective-repeat', { samples: STEADY }).send(0, 0);
    side.ack(100, [0]);
    side.expireUntil(1000);
    const before = side.recovery.deadline();
    side.ack(1000, [0]);
    expect(side.recovery.deadline()).toBe(before);
    expect(side.recovery.probes).toBe(2);
  });

  test('before any sample it is three times the round trip that is assumed', () => {
    const side = new SendingSide('selective-repeat').send(0);
    expect(rounded(side.expireUntil(3000))).toEqual([999, 2997]);
  });
});

describe('retransmission timeout (RFC 6298)', () => {
  test.each(['stop-and-wait', 'go-back-n'] as const)(
    '%s: 1 s before any sample, doubled with each loss up to 3 s',
    (arq) => {
      const side = new SendingSide(arq);
      const times: number[] = [];
      for (let now = 0; now < 15_000; ) {
        side.send(now);
        now = side.expireUntil(now + 5000)[0] as number;
        times.push(now);
      }
      expect(times).toEqual([1000, 3000, 6000, 9000, 12_000, 15_000]);
      expect(side.lost).toHaveLength(6);
    },
  );

  test.each(['stop-and-wait', 'go-back-n'] as const)('%s: counts from the oldest packet in flight', (arq) => {
    const side = new SendingSide(arq, { samples: STEADY }).send(0, 30, 60);
    expect(side.recovery.deadline()).toBeCloseTo(102, 6);
    side.ack(90, [0], { cumulative: 100 });
    expect(side.recovery.deadline()).toBeCloseTo(30 + side.rtt.rto(), 6);
  });

  test.each(['stop-and-wait', 'go-back-n'] as const)('%s: back to one with an ACK of new data (section 5.7)', (arq) => {
    const side = new SendingSide(arq, { samples: STEADY }).send(0);
    side.expireUntil(102.1);
    side.send(110);
    expect(side.recovery.deadline()).toBeCloseTo(110 + 204, 6);
    side.ack(210, [1], { cumulative: 200 });
    side.send(210);
    expect(side.recovery.deadline()).toBeCloseTo(210 + side.rtt.rto(), 6);
  });

  test('a factor of 1, for textbook experiments, keeps it constant', () => {
    const side = new SendingSide('stop-and-wait', { backoffFactor: 1 });
    for (let now = 0; now < 10_000; now += 1000) {
      side.send(now);
      expect(side.recovery.deadline()).toBe(now + 1000);
      side.expireUntil(now + 1000);
    }
  });
});

describe('timers at rest', () => {
  test('nothing in flight: no deadline', () => {
    const side = new SendingSide('selective-repeat');
    expect(side.recovery.deadline()).toBeUndefined();
    side.recovery.onSent(0, 0, 40, undefined);
    expect(side.recovery.deadline()).toBeUndefined();
    side.send(0).ack(100, [0, 1]);
    expect(side.recovery.deadline()).toBeUndefined();
  });

  test.each(['stop-and-wait', 'go-back-n', 'selective-repeat'] as const)(
    '%s: early and repeated calls do nothing',
    (arq) => {
      const side = new SendingSide(arq, { samples: STEADY }).send(0, 10);
      const deadline = side.recovery.deadline() as number;
      for (const now of [0, 50, deadline - 0.001]) side.recovery.handleTimeout(now);
      expect([side.lost, side.recovery.probes, side.recovery.deadline()]).toEqual([[], 0, deadline]);
      side.recovery.handleTimeout(deadline);
      const after = [...side.lost, side.recovery.probes, side.recovery.deadline()];
      side.recovery.handleTimeout(deadline);
      expect([...side.lost, side.recovery.probes, side.recovery.deadline()]).toEqual(after);
    },
  );

  test.each(['stop-and-wait', 'go-back-n', 'selective-repeat'] as const)(
    '%s: the deadline moves on with every expiry, even over a path without any delay',
    (arq) => {
      const side = new SendingSide(arq, { samples: new Array<number>(50).fill(0), backoffFactor: 1 }).send(5);
      let previous = 5;
      for (let i = 0; i < 20 && side.recovery.deadline() !== undefined; i++) {
        const deadline = side.recovery.deadline() as number;
        expect(deadline).toBeGreaterThan(previous);
        side.recovery.handleTimeout(deadline);
        previous = deadline;
      }
    },
  );
});

describe('permission to send', () => {
  test('the ARQ window counts packets with DATA, and nothing else', () => {
    const side = new SendingSide('selective-repeat', { window: 2 }).send(0);
    side.recovery.onSent(0, 1, 20, PING);
    side.recovery.onSent(0, 2, 20, PING);
    expect(side.recovery.permission(0, SIZE)).toBe('now');
    side.send(0);
    expect(side.recovery.permission(0, SIZE)).toBe('blocked');
    side.ack(100, [1, 2]);
    expect(side.recovery.permission(100, SIZE)).toBe('blocked');
    side.ack(100, [0, 1, 2]);
    expect(side.recovery.permission(100, SIZE)).toBe('now');
  });

  test('stop-and-wait has a window of one whatever was agreed', () => {
    expect(new SendingSide('stop-and-wait', { window: 64 }).send(0).recovery.permission(0, SIZE)).toBe('blocked');
  });

  test('the datagram must fit in what the controller allows in flight', () => {
    const side = new SendingSide('selective-repeat');
    side.controller.cwnd = 3 * SIZE - 1;
    side.send(0);
    expect(side.recovery.permission(0, SIZE)).toBe('now');
    side.send(0);
    expect(side.recovery.permission(0, SIZE)).toBe('blocked');
    expect(side.recovery.cwndLeft).toBe(SIZE - 1);
  });

  test('the rate spreads datagrams: a deadline, which then lets one out', () => {
    const side = new SendingSide('selective-repeat', { maxRate: 100, minimumBurst: 1 }).send(0);
    const at = side.recovery.permission(0, SIZE) as number;
    expect(at).toBeCloseTo(9.99, 3);
    expect(side.recovery.permission(5, SIZE)).toBeCloseTo(9.99, 3);
    expect(side.recovery.permission(at, SIZE)).toBe('now');
  });
});

describe('whether cwnd was the limit (RFC 9002 section 7.8)', () => {
  /** Sends three packets, asks for a fourth, and sends it later; returns which of them tell that cwnd was too small. */
  const filling = (side: SendingSide): number[] => {
    side.send(0, 0, 0);
    side.recovery.permission(0, SIZE);
    side.send(50);
    side.ack(150, [0, 1, 2, 3]);
    const packets = side.controller.acks.flatMap((ack) => ack.packets);
    return packets.filter(({ appLimited }) => !appLimited).map(({ number }) => number);
  };

  test('everything in flight when it held a datagram back', () => {
    const side = new SendingSide('selective-repeat');
    side.controller.cwnd = 3 * SIZE;
    expect(filling(side)).toEqual([0, 1, 2]);
  });

  test('everything in flight when its pacing did', () => {
    const side = new SendingSide('selective-repeat', { minimumBurst: 1 });
    side.controller.pacingRate = 10;
    side.controller.cwnd = 5 * SIZE;
    expect(filling(side)).toEqual([0, 1, 2]);
  });

  test('nothing when pacing held up a trickle that leaves most of cwnd unused', () => {
    const side = new SendingSide('selective-repeat', { minimumBurst: 1 });
    side.controller.pacingRate = 10;
    side.controller.cwnd = 20 * SIZE;
    expect(filling(side)).toEqual([]);
  });

  test('nothing while a datagram may go out', () => {
    expect(filling(new SendingSide('selective-repeat'))).toEqual([]);
  });

  test('nothing when the ARQ window was the limit', () => {
    expect(filling(new SendingSide('selective-repeat', { window: 3 }))).toEqual([]);
  });

  test('nothing when a rate that the user set was', () => {
    expect(filling(new SendingSide('selective-repeat', { maxRate: 10, minimumBurst: 1 }))).toEqual([]);
  });
});

describe('another path', () => {
  test('everything learned of the old one is forgotten, what is in flight stays', () => {
    const side = new SendingSide('selective-repeat', { samples: STEADY }).send(0, 0);
    side.recovery.resetPath();
    expect(side.rtt.latest).toBeUndefined();
    expect(side.controller.resets).toBe(1);
    expect(side.recovery.sent.packetsInFlight).toBe(2);
    expect(side.recovery.deadline()).toBeCloseTo(999, 6);
  });

  test('what was sent on the old path says nothing about the new one (RFC 9000 section 9.4)', () => {
    const side = new SendingSide('selective-repeat', { samples: STEADY }).send(0, 0, 0, 0, 0, 0);
    side.recovery.resetPath();
    side.ack(40, [0, 5]); // loses 1 and 2
    expect(side.acked).toEqual([0, 5]);
    expect(side.lost).toEqual([1, 2]);
    expect(side.rtt.latest).toBeUndefined();
    expect([side.controller.acks, side.controller.losses]).toEqual([[], []]);
    side.send(50);
    side.ack(350, [6]);
    expect(side.rtt.latest).toBe(300);
    expect(side.controller.acks.map(({ bytes }) => bytes)).toEqual([SIZE]);
  });
});
