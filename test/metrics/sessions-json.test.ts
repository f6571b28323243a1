import { expect, test } from 'vitest';
import { Rates } from '../../src/metrics/rates.ts';
import { sessionsJson } from '../../src/metrics/sessions-json.ts';
import { Totals } from '../../src/metrics/totals.ts';
import { endOf, progressOf } from './progress.ts';

const FACTS = { version: '0.1.0', address: '[::]:9000', startedAt: 1 };

test('a name that is markup does not look like any in the text, and is the same after parsing', () => {
  const name = '</script><img src=x onerror=alert(1)>&amp;';
  const totals = new Totals();
  totals.take(endOf(progressOf(1), { end: 'closed-by-peer', text: name }));
  const text = sessionsJson(FACTS, 2, [progressOf(2, {}, { name })], totals, new Rates());
  expect(text).not.toContain('<');
  expect(JSON.parse(text)).toMatchObject({ sessions: [{ file: name }], recent: [{ text: name }] });
});

test('a name of four thousand characters is cut', () => {
  const text = sessionsJson(FACTS, 2, [progressOf(1, {}, { name: 'x'.repeat(4000) })], new Totals(), new Rates());
  expect(JSON.parse(text).sessions[0].file).toMatch(/^x{197}\.\.\.$/);
});

test('of five thousand transfers the fastest thousand are listed, and all are counted', () => {
  const rates = new Rates();
  const live = (factor: number) => Array.from({ length: 5000 }, (_, i) => progressOf(i, { bytesReceived: factor * i }));
  rates.sample(0, live(0), 0);
  rates.sample(1000, live(1), 0);
  const { open, omitted, sessions } = JSON.parse(sessionsJson(FACTS, 2, live(1), new Totals(), rates));
  expect({ open, omitted, listed: sessions.length }).toEqual({ open: 5000, omitted: 4000, listed: 1000 });
  expect(sessions[0]).toMatchObject({ transfer: 4999, bytesPerSecond: 4999 });
});

test('what never came shows in the share that is missing, as the numbers of what came tell', () => {
  const stats = { packetsExpected: 100, datagramsReceived: 95, duplicates: 4, damaged: 1 };
  const { sessions } = JSON.parse(sessionsJson(FACTS, 2, [progressOf(1, stats)], new Totals(), new Rates()));
  expect(sessions[0].missing).toBe(0.1);
});
