import { describe, expect, test } from 'vitest';
import { Liveness } from '../../src/session/liveness.ts';

describe('Liveness', () => {
  test.each([
    { idleTimeout: 30_000, interval: 10_000 },
    { idleTimeout: 45_000, interval: 15_000 },
    { idleTimeout: 86_400_000, interval: 15_000 },
    { idleTimeout: 1000, interval: 1000 / 3 },
  ])('asks every $interval ms of silence when $idleTimeout end it', ({ idleTimeout, interval }) => {
    const liveness = new Liveness(0, idleTimeout);
    const asked: number[] = [];
    for (let now = 0; asked.length < 2; now = liveness.deadline as number)
      if (liveness.pollKeepAlive(now)) asked.push(now);
    expect(asked).toEqual([interval, 2 * interval]);
  });

  test('does not ask a peer that talks', () => {
    const liveness = new Liveness(0, 30_000);
    for (let now = 0; now < 100_000; now += 9000) {
      expect(liveness.pollKeepAlive(now)).toBe(false);
      liveness.onHeard(now);
    }
  });

  test('asking puts the next question off, so a deadline in the past never stays', () => {
    const liveness = new Liveness(0, 30_000);
    expect(liveness.pollKeepAlive(12_000)).toBe(true);
    expect(liveness.pollKeepAlive(12_000)).toBe(false);
    expect(liveness.deadline).toBe(22_000);
  });

  test('the end comes exactly when the silence has lasted long enough, and asking does not put it off', () => {
    const liveness = new Liveness(0, 30_000);
    liveness.onHeard(5000);
    for (const now of [15_000, 25_000]) liveness.pollKeepAlive(now);
    expect(liveness.deadline).toBe(35_000);
    expect([liveness.isDead(34_999), liveness.isDead(35_000)]).toEqual([false, true]);
  });
});
