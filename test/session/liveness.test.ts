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

  describe('that slept through the idle timeout', () => {
    const asleep = (idleTimeout = 30_000) => {
      const liveness = new Liveness(0, idleTimeout);
      liveness.onHeard(5000);
      return liveness;
    };

    test.each([
      ['nothing waited for it', false],
      ['something waited for it', true],
    ])('asks at once and gives the peer a moment: %s', (_, hears) => {
      const liveness = asleep();
      if (hears) liveness.onHeard(600_000);
      liveness.noticeSleep(600_001);
      expect([liveness.isDead(600_001), liveness.pollKeepAlive(600_001)]).toEqual([false, true]);
      liveness.noticeSleep(605_000);
      expect([liveness.isDead(605_000), liveness.isDead(605_001)]).toEqual([false, true]);
    });

    test('goes on as before when the peer answers', () => {
      const liveness = asleep();
      liveness.noticeSleep(600_000);
      liveness.onHeard(600_100);
      liveness.noticeSleep(600_100);
      expect([liveness.isDead(630_099), liveness.isDead(630_100)]).toEqual([false, true]);
    });

    test('is no more patient than awake', () => {
      const liveness = asleep(1000);
      liveness.noticeSleep(600_000);
      expect([liveness.isDead(600_999), liveness.isDead(601_000)]).toEqual([false, true]);
    });

    test('a sleep that was shorter changes nothing', () => {
      const liveness = asleep();
      liveness.noticeSleep(34_999);
      expect([liveness.isDead(34_999), liveness.isDead(35_000)]).toEqual([false, true]);
    });
  });
});
