import { describe, expect, test } from 'vitest';
import { Closing, closeSpacing } from '../../src/session/closing.ts';

/** A side that closes at 1000, with copies 100 ms apart, and lingers for 600 ms. */
const closing = (): Closing => new Closing(1000, 3, 100, 600);

/** Has sent its three copies. */
function said(): Closing {
  const side = closing();
  for (const now of [1000, 1100, 1200]) side.poll(now);
  return side;
}

test.each([
  { lossRate: 0, roundTrip: 100, spacing: 5 },
  { lossRate: 0, roundTrip: 0.1, spacing: 5 },
  { lossRate: 0.01, roundTrip: 0.1, spacing: 5 },
  { lossRate: 0.01, roundTrip: 30, spacing: 15 },
  { lossRate: 0.01, roundTrip: 600, spacing: 20 },
])(
  'where $lossRate is lost and a round trip takes $roundTrip ms, $spacing ms apart',
  ({ lossRate, roundTrip, spacing }) => {
    expect(closeSpacing(lossRate, roundTrip)).toBe(spacing);
  },
);

describe('Closing', () => {
  test('says it as often as told, spread over time, then no more', () => {
    const side = closing();
    const sent: number[] = [];
    for (let now = 1000; now < 1600; now += 10) while (side.poll(now)) sent.push(now);
    expect(sent).toEqual([1000, 1100, 1200]);
  });

  test('its deadline leads from copy to copy, then to the end', () => {
    const side = closing();
    const deadlines: number[] = [];
    for (let now = 1000; !side.isOver(now); now = side.deadline) {
      side.poll(now);
      deadlines.push(side.deadline);
    }
    expect(deadlines).toEqual([1100, 1200, 1600]);
  });

  test('may be forgotten by a process that ends once every copy was sent', () => {
    const side = closing();
    expect([1000, 1100, 1200].map((now) => [side.said, side.poll(now), side.said])).toEqual([
      [false, true, false],
      [false, true, false],
      [false, true, true],
    ]);
  });

  test('lingers until every copy can be sent, however short the round trip', () => {
    const side = new Closing(0, 3, 100, 5);
    for (const now of [0, 100, 200]) side.poll(now);
    expect([side.isOver(299), side.isOver(300)]).toEqual([false, true]);
  });

  test('sends every copy even if the process slept through the time for them', () => {
    const side = closing();
    side.poll(1000);
    expect([side.isOver(5000), side.poll(5000), side.said]).toEqual([false, true, false]);
    expect([side.poll(5100), side.said, side.isOver(5100)]).toEqual([true, true, true]);
  });

  test('answers the 1st, 2nd, 4th, 8th... packet of a peer that did not hear: a million packets, twenty answers', () => {
    const side = said();
    const answered: number[] = [];
    for (let packet = 1; packet <= 1_000_000; packet++) {
      side.onPacket();
      if (side.poll(1300)) answered.push(packet);
    }
    expect(answered).toEqual(Array.from({ length: 20 }, (_, i) => 2 ** i));
  });

  test('a copy that is due is an answer too', () => {
    const side = closing();
    side.onPacket();
    expect([side.poll(1000), side.poll(1000)]).toEqual([true, false]);
  });
});
