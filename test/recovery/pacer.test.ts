import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pacer } from '../../src/recovery/pacer.ts';

/** Sends datagrams of `size` as soon as it may, `count` of them from `start` on; returns when each left. */
function flood(pacer: Pacer, start: number, rate: number, size: number, count: number): number[] {
  const times: number[] = [];
  let now = start;
  for (let i = 0; i < count; i++) {
    now = pacer.nextAt(now, rate);
    pacer.onSent(now, rate, size);
    times.push(now);
  }
  return times;
}

const scenario = fc
  .record({
    size: fc.integer({ min: 20, max: 65_507 }),
    perMilli: fc.double({ min: 0.001, max: 10, noNaN: true }),
    datagrams: fc.double({ min: 0.001, max: 15, noNaN: true }),
  })
  .map(({ size, perMilli, datagrams }) => ({ size, rate: perMilli * size, burst: datagrams * size }));

describe('Pacer', () => {
  test('the first datagrams leave back to back up to the burst, then one per size / rate', () => {
    const times = flood(new Pacer(3000), 0, 100, 1000, 6);
    expect(times.map((time) => Math.round(time * 1000) / 1000)).toEqual([0, 0, 0, 0, 10, 20]);
  });

  test('in the long run exactly the rate, whatever the sizes', () => {
    fc.assert(
      fc.property(scenario, ({ rate, size, burst }) => {
        const pacer = new Pacer(burst);
        const capacity = Math.max(burst, 2 * rate);
        const count = Math.ceil((3 * capacity) / size) + 20;
        const last = flood(pacer, 5, rate, size, count).at(-1) as number;
        // All but the last datagram and the burst were paid for by the time that passed, and none of it was wasted.
        const paid = (count - 1) * size - burst;
        expect(last - 5).toBeGreaterThanOrEqual((paid / rate) * (1 - 1e-9));
        expect(last - 5).toBeLessThanOrEqual((paid / rate) * (1 + 1e-9) + 1e-5 * count);
      }),
    );
  });

  test('in any span no more than the burst, what the span pays for and one datagram', () => {
    fc.assert(
      fc.property(scenario, fc.double({ min: 0, max: 1e6, noNaN: true }), ({ rate, size, burst }, idle) => {
        const pacer = new Pacer(burst);
        const capacity = Math.max(burst, 2 * rate);
        const times = [...flood(pacer, 0, rate, size, 30), ...flood(pacer, idle + 1e5, rate, size, 30)];
        for (let i = 0; i < times.length; i++) {
          for (let j = i; j < times.length; j++) {
            const span = (times[j] as number) - (times[i] as number);
            const bytes = (j - i + 1) * size;
            expect(bytes).toBeLessThanOrEqual((capacity + span * rate + size) * (1 + 1e-9));
          }
        }
      }),
    );
  });

  test('an hour of silence saves up no more than one burst', () => {
    const pacer = new Pacer(2000);
    flood(pacer, 0, 100, 1000, 10);
    const times = flood(pacer, 3_600_000, 100, 1000, 5);
    expect(times.filter((time) => time === 3_600_000)).toHaveLength(2);
  });

  test('at a high rate as much as two milliseconds bring may leave together', () => {
    const pacer = new Pacer(1);
    pacer.onSent(0, 10_000, 1);
    const times = flood(pacer, 1000, 10_000, 1000, 30);
    expect(times.filter((time) => time === 1000)).toHaveLength(20);
  });

  test('a deadline that was given lets a datagram out', () => {
    fc.assert(
      fc.property(scenario, fc.double({ min: 0, max: 1e10, noNaN: true }), ({ rate, size, burst }, start) => {
        const pacer = new Pacer(burst);
        for (let i = 0; i < 20; i++) pacer.onSent(start, rate, size);
        const at = pacer.nextAt(start, rate);
        expect(at).toBeGreaterThanOrEqual(start);
        expect(pacer.nextAt(at, rate)).toBe(at);
      }),
    );
  });

  test.each([
    { late: 1, sends: 2, behind: false },
    { late: 10, sends: 11, behind: false },
    { late: 100, sends: 12, behind: true },
  ])('a caller $late ms late sends $sends datagrams at once, where it may make up for ten ms', (row) => {
    const pacer = new Pacer(1000);
    pacer.onSent(0, 1000, 1000); // empty; the bucket holds two datagrams
    const now = pacer.nextAt(0, 1000, 10) + row.late;
    let sends = 0;
    pacer.nextAt(now, 1000, 10);
    expect(pacer.isBehind).toBe(row.behind);
    for (; pacer.nextAt(now, 1000, 10) <= now; sends++) pacer.onSent(now, 1000, 1000);
    expect(sends).toBe(row.sends);
  });

  test('when nothing waited, being late earns nothing', () => {
    const pacer = new Pacer(1000);
    pacer.onSent(0, 1000, 1000);
    pacer.nextAt(0, 1000, 10);
    pacer.release();
    const times = flood(pacer, 5000, 1000, 1000, 20);
    expect(times.filter((time) => time === 5000)).toHaveLength(2);
    expect(pacer.isBehind).toBe(false);
  });

  test('what a delay left over is lost when nothing waits for it', () => {
    const pacer = new Pacer(1000);
    pacer.onSent(0, 1000, 1000);
    const due = pacer.nextAt(0, 1000, 50);
    expect(pacer.nextAt(due + 50, 1000, 50)).toBe(due + 50);
    pacer.release();
    const times = flood(pacer, due + 51, 1000, 1000, 20);
    expect(times.filter((time) => time === due + 51)).toHaveLength(2);
  });
});
