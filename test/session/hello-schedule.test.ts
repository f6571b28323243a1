import { describe, expect, test } from 'vitest';
import { HelloSchedule } from '../../src/session/hello-schedule.ts';

/** Lets the schedule run by its own deadlines until `until`; returns when a HELLO went out. */
function run(schedule: HelloSchedule, from: number, until: number): number[] {
  const sent: number[] = [];
  for (let now = from; now <= until; now = schedule.deadline as number) while (schedule.poll(now)) sent.push(now);
  return sent;
}

describe('HelloSchedule', () => {
  test('says HELLO at once and after 250 ms, then twice every second', () => {
    expect(run(new HelloSchedule(0), 0, 3500)).toEqual([0, 250, 1000, 1050, 2000, 2050, 3000, 3050]);
  });

  test.each([
    { roundTrip: 10, sent: [10, 110, 160, 310, 360, 710, 760, 1510, 1560] },
    { roundTrip: 200, sent: [200, 600, 650, 1400, 1450, 2400, 2450] },
    { roundTrip: 900, sent: [900, 1900, 1950, 2900, 2950] },
  ])(
    'after a COOKIE that took $roundTrip ms, at once and again after two round trips, 100 ms to 1 s',
    ({ roundTrip, sent }) => {
      const schedule = new HelloSchedule(0);
      run(schedule, 0, 0);
      schedule.onCookie(roundTrip);
      expect(run(schedule, roundTrip, sent.at(-1) as number)).toEqual(sent);
    },
  );

  test('knows how long an answer took when it can answer one HELLO only (Karn)', () => {
    const schedule = new HelloSchedule(0);
    run(schedule, 0, 0);
    expect(schedule.roundTrip(80)).toBe(80);
    run(schedule, 250, 250);
    expect(schedule.roundTrip(280)).toBeUndefined();
    schedule.onCookie(300);
    expect(run(schedule, 300, 300)).toEqual([300]);
    expect(schedule.roundTrip(375)).toBe(75);
  });

  test('a COOKIE that may answer either of two HELLOs still bounds the wait for the next answer', () => {
    const schedule = new HelloSchedule(0);
    run(schedule, 0, 250);
    schedule.onCookie(300);
    expect(run(schedule, 300, 950)).toEqual([300, 900, 950]);
  });

  test('where there is no room it asks once a second, and no number of refusals puts that off', () => {
    const schedule = new HelloSchedule(0);
    run(schedule, 0, 0);
    schedule.onCookie(10);
    run(schedule, 10, 10);
    for (let i = 0; i < 100; i++) schedule.onBusy();
    expect(run(schedule, 1010, 3500)).toEqual([1010, 2010, 3010]);
  });

  test('its deadline is always ahead of what was polled', () => {
    const schedule = new HelloSchedule(0);
    for (let now = 0; now < 5000; now += 37) {
      while (schedule.poll(now));
      expect(schedule.deadline).toBeGreaterThan(now);
    }
  });
});
