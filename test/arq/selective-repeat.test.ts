import { describe, expect, test } from 'vitest';
import { SendingSide } from '../recovery/sending-side.ts';

const STEADY = new Array<number>(200).fill(100);
const times = (at: number, count: number): number[] => new Array<number>(count).fill(at);

describe('selective repeat', () => {
  test('loses the packets that are missing and no other', () => {
    const side = new SendingSide('selective-repeat', { samples: STEADY }).send(...times(0, 12));
    side.ack(100, [0, 1, 3, 4, 6, 8, 9, 10, 11]);
    expect(side.lost).toEqual([2, 5, 7]);
    expect(side.recovery.sent.packetsInFlight).toBe(0);
  });

  test('a number that was skipped is no packet that overtook others', () => {
    const side = new SendingSide('selective-repeat', { samples: STEADY }).send(0, 0).skip().send(0, 0);
    side.ack(100, [1, 3]); // 0 is older by three numbers, and by two packets
    expect(side.lost).toEqual([]);
    side.ack(100, [1, 3, 4]);
    expect(side.lost).toEqual([0]);
  });

  test('a number that was skipped is never lost', () => {
    const side = new SendingSide('selective-repeat', { samples: STEADY })
      .send(0)
      .skip()
      .send(...times(0, 8));
    side.ack(100, [0, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(side.lost).toEqual([]);
    expect(side.recovery.deadline()).toBeUndefined();
  });

  test('a timeout loses nothing: it asks again with two probes', () => {
    const side = new SendingSide('selective-repeat', { samples: STEADY }).send(...times(0, 12));
    side.expireUntil(103);
    expect(side.lost).toEqual([]);
    expect(side.recovery.sent.packetsInFlight).toBe(12);
    expect(side.recovery.probes).toBe(2);
  });

  test('ACKs that come twice lose nothing', () => {
    const side = new SendingSide('selective-repeat', { samples: STEADY }).send(...times(0, 4));
    for (let i = 0; i < 20; i++) side.ack(100 + i / 10, [2]);
    expect(side.lost).toEqual([]);
  });
});
