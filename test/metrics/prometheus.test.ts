import { expect, test } from 'vitest';
import { Prometheus } from '../../src/metrics/prometheus.ts';
import { Totals } from '../../src/metrics/totals.ts';
import { emptyListenerCounts } from '../../src/session/listener-counts.ts';
import { endOf, progressOf, storedOf } from './progress.ts';

const counts = { ...emptyListenerCounts(), sessions: 3, pending: 1, cookies: 9, refusedBusy: 2, strays: 4 };

/** The samples by their names and labels. */
function samples(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

test('counters follow the receiver, and those of which nothing was counted yet are 0', async () => {
  const totals = new Totals();
  const live = [progressOf(2, { damaged: 5 })];
  const prometheus = new Prometheus('1.2.3', () => ({ counts, live, totals }));
  totals.take(storedOf(1, 700));
  totals.take(endOf(progressOf(1, { damaged: 1 })));
  const read = samples(await prometheus.render());
  expect(Object.fromEntries([...read].filter(([name]) => /^udpcp_(?!build)/.test(name)))).toMatchObject({
    udpcp_sessions_open: 3,
    udpcp_sessions_pending: 1,
    udpcp_transfers_open: 1,
    'udpcp_transfers_total{end="complete"}': 1,
    'udpcp_transfers_total{end="violation"}': 0,
    'udpcp_files_total{status="stored"}': 1,
    'udpcp_files_total{status="refused"}': 0,
    udpcp_stored_bytes_total: 700,
    'udpcp_datagrams_dropped_total{reason="damaged"}': 6,
    'udpcp_datagrams_dropped_total{reason="stray"}': 4,
    'udpcp_handshakes_total{answer="cookie"}': 9,
    'udpcp_handshakes_total{answer="busy"}': 2,
  });
  expect(read.get(`udpcp_build_info{version="1.2.3",node="${process.versions.node}"}`)).toBe(1);
  expect(read.get('process_resident_memory_bytes')).toBeGreaterThan(0);
  expect(read.has('nodejs_eventloop_lag_seconds')).toBe(true);
  expect(samples(await prometheus.render()).get('udpcp_stored_bytes_total')).toBe(700); // not added again
});

test('nothing that a peer chose is a label', async () => {
  const totals = new Totals();
  const live = [progressOf(1, {}, { peer: 'PEER', name: 'NAME' })];
  totals.take(endOf(progressOf(1, {}, { peer: 'PEER' }), { text: 'TEXT' }));
  const prometheus = new Prometheus('1', () => ({ counts, live, totals }));
  expect(await prometheus.render()).not.toMatch(/PEER|NAME|TEXT/);
});
