import { describe, expect, test } from 'vitest';
import { SendingSide } from '../recovery/sending-side.ts';

const STEADY = new Array<number>(200).fill(100);

describe('stop-and-wait', () => {
  test('any number of duplicate ACKs sends nothing again: no Sorcerer’s Apprentice (RFC 1123 section 4.2.3.1)', () => {
    const side = new SendingSide('stop-and-wait', { samples: STEADY }).send(0);
    side.ack(100, [0], { cumulative: 100 });
    side.send(100);
    for (let now = 101; now < 200; now++) side.ack(now, [0], { cumulative: 100 });
    expect(side.lost).toEqual([]);
    expect(side.recovery.permission(199, 1)).toBe('blocked');
  });

  test('the timeout loses the packet, and lets it out again', () => {
    const side = new SendingSide('stop-and-wait', { samples: STEADY }).send(0);
    expect(side.recovery.permission(50, 1)).toBe('blocked');
    expect(side.expireUntil(1000).map(Math.round)).toEqual([102]);
    expect(side.lost).toEqual([0]);
    expect(side.recovery.permission(103, 1)).toBe('now');
  });

  test('a late ACK gives an exact sample, because copies have numbers of their own (Karn’s problem does not arise)', () => {
    const side = new SendingSide('stop-and-wait', { samples: STEADY }).send(0);
    side.expireUntil(103);
    side.send(103);
    side.ack(150, [0], { cumulative: 100 });
    expect(side.rtt.latest).toBe(150);
    expect(side.recovery.spuriousLosses).toBe(1);
  });
});
