import { describe, expect, test } from 'vitest';
import {
  DeliveryRate,
  type DeliverySnapshot,
  emptySnapshot,
  type RateSample,
} from '../../src/recovery/delivery-rate.ts';

const SIZE = 1000;

/** Sends packets of 1000 bytes and has them acknowledged, at times that the test gives. */
class Sending {
  readonly rate = new DeliveryRate();
  readonly #packets: { number: number; sentAt: number; size: number; delivery: DeliverySnapshot }[] = [];
  #inFlight = 0;

  send(...times: readonly number[]): this {
    for (const sentAt of times) {
      const delivery = emptySnapshot();
      this.rate.onSent(sentAt, SIZE, this.#inFlight, delivery);
      this.#packets.push({ number: this.#packets.length, sentAt, size: SIZE, delivery });
      this.#inFlight += SIZE;
    }
    return this;
  }

  /** One ACK of these packets. */
  ack(now: number, numbers: readonly number[], { minRtt = 0, wasLost = false } = {}): RateSample | undefined {
    for (const number of numbers) {
      const packet = this.#packets[number];
      if (packet !== undefined) this.rate.onAcked(now, packet, wasLost);
      if (!wasLost) this.#inFlight -= SIZE;
    }
    return this.rate.takeSample(now, minRtt);
  }

  lose(count: number): this {
    for (let i = 0; i < count; i++) this.rate.onLost(SIZE);
    this.#inFlight -= count * SIZE;
    return this;
  }

  starve(): this {
    this.rate.markLimited(this.#inFlight);
    return this;
  }
}

describe('a steady flow of 100 bytes/ms over a round trip of 100 ms', () => {
  const times = Array.from({ length: 30 }, (_, i) => 10 * i);

  test('shows its rate from the second round trip on', () => {
    const sending = new Sending();
    const rates: (number | undefined)[] = [];
    // Packet i leaves at 10 i and is acknowledged at 100 + 10 i.
    for (const time of times) {
      if (time >= 100) rates.push(sending.ack(time, [(time - 100) / 10])?.rate);
      sending.send(time);
    }
    expect(rates.slice(11)).toEqual(new Array(9).fill(100));
    expect(Math.max(...rates.map((rate) => rate ?? 0))).toBe(100);
  });

  test('shows no more when its ACKs come in a bunch', () => {
    const sending = new Sending().send(...times.slice(0, 20));
    const sample = sending.ack(
      300,
      times.slice(0, 20).map((time) => time / 10),
    );
    expect(sample?.rate).toBeCloseTo(20_000 / 300, 6);
    expect(sample?.rtt).toBe(110);
  });
});

test('packets that left in a bunch show how fast the ACKs came, not how fast they left', () => {
  const sending = new Sending().send(0, 0, 0, 0);
  for (const [i, at] of [100, 110, 120, 130].entries()) sending.ack(at, [i]);
  sending.send(130, 130, 130, 130);
  const samples = [230, 240, 250, 260].map((at, i) => sending.ack(at, [4 + i])?.rate);
  expect(samples.at(-1)).toBeCloseTo(4000 / 130, 6);
});

test('a span shorter than the smallest round trip is not believed', () => {
  expect(new Sending().send(0, 10).ack(40, [0], { minRtt: 50 })?.rate).toBeUndefined();
});

test('no packet, no sample', () => {
  expect(new Sending().send(0).ack(10, [])).toBeUndefined();
});

test('the newest packet of an ACK counts: its round trip, and what was in flight when it left', () => {
  const sample = new Sending().send(0, 10, 20).ack(120, [2, 0, 1]);
  expect(sample).toMatchObject({ rtt: 100, inFlight: 3 * SIZE, priorDelivered: 0, delivered: 3 * SIZE, lost: 0 });
});

test('counts what was lost since the packet left, and takes back what arrives after all', () => {
  const sending = new Sending().send(0, 1).lose(1).send(2, 3);
  expect(sending.rate.lost).toBe(SIZE);
  expect(sending.ack(100, [1])?.lost).toBe(SIZE);
  expect(sending.ack(101, [2])?.lost).toBe(0); // left after that loss was known
  sending.ack(102, [0], { wasLost: true });
  expect(sending.rate.lost).toBe(0);
  expect(sending.rate.delivered).toBe(3 * SIZE);
});

test('packets sent after the sender had nothing to send are limited by it, until what was in flight then is delivered', () => {
  const sending = new Sending().send(0, 10).starve().send(20);
  expect(sending.ack(100, [0])?.appLimited).toBe(false);
  expect(sending.ack(110, [1])?.appLimited).toBe(false);
  expect(sending.rate.isLimited).toBe(true);
  expect(sending.ack(120, [2])?.appLimited).toBe(true);
  expect(sending.rate.isLimited).toBe(false);
  expect(sending.send(130).ack(230, [3])?.appLimited).toBe(false);
});

test('after a pause the time without anything in flight does not count', () => {
  const sending = new Sending().send(0);
  sending.ack(100, [0]);
  expect(sending.send(5000, 5010).ack(5110, [1, 2])?.rate).toBeCloseTo(2000 / 110, 6);
});

test('another path is measured afresh though packets are in flight', () => {
  const sending = new Sending().send(0, 10, 20);
  sending.rate.reset();
  expect(sending.send(1000).ack(1100, [3])?.rate).toBe(SIZE / 100);
});
