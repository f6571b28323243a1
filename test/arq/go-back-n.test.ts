import { describe, expect, test } from 'vitest';
import { SendingSide } from '../recovery/sending-side.ts';

const STEADY = new Array<number>(200).fill(100);
const range = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);
const times = (at: number, count: number): number[] => new Array<number>(count).fill(at);

/** Packets 0..9 left at 0 over a path of 100 ms. */
const flight = (): SendingSide => new SendingSide('go-back-n', { samples: STEADY }).send(...times(0, 10));

describe('go-back-n', () => {
  test('the third duplicate ACK loses everything in flight (RFC 5681 section 3.2)', () => {
    const side = flight();
    side.ack(100, [0], { cumulative: 100 });
    for (const now of [101, 102]) side.ack(now, [0], { cumulative: 100 });
    expect(side.lost).toEqual([]);
    side.ack(103, [0], { cumulative: 100 });
    expect(side.lost).toEqual(range(1, 10));
  });

  test('a timeout of the oldest loses everything in flight', () => {
    const side = flight().send(50);
    side.expireUntil(103);
    expect(side.lost).toEqual(range(0, 11));
    expect(side.recovery.probes).toBe(0);
  });

  test('ACKs that advance are not duplicates, however many', () => {
    const side = flight();
    for (let i = 0; i < 9; i++) side.ack(100 + i, range(0, i + 1), { cumulative: 100 * (i + 1) });
    expect(side.lost).toEqual([]);
  });

  test('an ACK that advances starts the count anew', () => {
    const side = flight();
    for (const now of [100, 101, 102]) side.ack(now, [0], { cumulative: 100 });
    side.ack(103, [0, 1], { cumulative: 200 });
    for (const now of [104, 105]) side.ack(now, [0, 1], { cumulative: 200 });
    expect(side.lost).toEqual([]);
    side.ack(106, [0, 1], { cumulative: 200 });
    expect(side.lost).toEqual(range(2, 10));
  });

  test('a copy or an older ACK that the network held back is no duplicate', () => {
    const side = flight();
    side.ack(100, [0], { cumulative: 100, packet: 50 });
    for (let i = 0; i < 10; i++) side.ack(101 + i, [0], { cumulative: 100, packet: i % 2 === 0 ? 50 : 40 + i });
    expect(side.lost).toEqual([]);
  });

  test('where a queue stands a round trip is what it takes now, not the shortest that was seen', () => {
    const samples = [100, ...new Array<number>(200).fill(400)];
    const side = new SendingSide('go-back-n', { samples }).send(...times(0, 10));
    for (const now of [400, 401, 402, 403]) side.ack(now, [0], { cumulative: 100 });
    side.send(...times(403, 9));
    for (let now = 404; now < 802; now += 20) side.ack(now, [0], { cumulative: 100 });
    expect(side.lost).toEqual(range(1, 10)); // once
    for (const now of [803, 804, 805]) side.ack(now, [0], { cumulative: 100 });
    expect(side.lost).toEqual(range(1, 19));
  });

  test('ACKs of what was thrown away do not send it back again: they come too soon to be about the new copies', () => {
    const side = flight();
    for (const now of [100, 101, 102, 103]) side.ack(now, [0], { cumulative: 100 });
    side.send(...times(103, 9));
    for (let now = 104; now < 110; now++) side.ack(now, [0], { cumulative: 100 });
    expect(side.lost).toEqual(range(1, 10)); // once
    for (const now of [203, 204, 205]) side.ack(now, [0], { cumulative: 100 });
    expect(side.lost).toEqual(range(1, 19)); // the copies did not arrive either
  });

  test('ACKs of needless copies are no duplicates: one late answer must not double everything for ever', () => {
    const side = flight();
    side.expireUntil(103); // too early: the ACKs are on their way
    side.send(...times(103, 10)); // the copies, 10..19
    for (let i = 0; i < 10; i++) side.ack(150 + i, range(0, i + 1), { cumulative: 100 * (i + 1) });
    side.send(...times(160, 10)); // new data, 20..29
    for (let i = 10; i < 20; i++) side.ack(243 + i, range(0, i + 1), { cumulative: 1000 });
    expect(side.lost).toEqual(range(0, 10)); // only what the timeout took
    expect(side.recovery.sent.packetsInFlight).toBe(10);
  });

  test('a PING that is acknowledged while data is on its way is no duplicate', () => {
    const side = new SendingSide('go-back-n', { samples: STEADY });
    for (let i = 0; i < 5; i++) {
      side.recovery.onSent(i, i, 20, { data: undefined, credit: false, path: false });
    }
    side.send(5);
    for (let i = 0; i < 5; i++) side.ack(110 + i, range(0, i + 1), { cumulative: 0 });
    expect(side.lost).toEqual([]);
  });
});
