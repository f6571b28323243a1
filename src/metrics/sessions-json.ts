import type { BytesPerMilli } from '../base/units.ts';
import { printable } from '../printable.ts';
import type { ReceiveProgress } from '../receive/receive-progress.ts';
import { missingRate } from '../session/stats.ts';
import type { Rates } from './rates.ts';
import type { Totals } from './totals.ts';

/** Changes when a field changes its meaning or goes away; new fields may come at any time. */
const SCHEMA = 1;
/** Transfers that are listed, the fastest first; the others are only counted. */
const MAX_LISTED = 1000;
const MAX_COLUMNS = 200;

/** What does not change while a receiver runs. */
export interface ReceiverFacts {
  readonly version: string;
  /** Where it listens, for people. */
  readonly address: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** What the page shows: every text is printable, and `<` is escaped, so that it is harmless as HTML too. */
export function sessionsJson(
  facts: ReceiverFacts,
  now: number,
  live: readonly ReceiveProgress[],
  totals: Totals,
  rates: Rates,
): string {
  const listed = live.map((progress) => ({ progress, rate: rates.of(progress.transfer) }));
  if (listed.length > MAX_LISTED) listed.sort((a, b) => b.rate - a.rate || a.progress.transfer - b.progress.transfer);
  const text = JSON.stringify({
    schema: SCHEMA,
    ...facts,
    now,
    open: live.length,
    omitted: Math.max(0, live.length - MAX_LISTED),
    bytesPerSecond: perSecond(rates.history.at(-1) ?? 0),
    history: rates.history.map(perSecond),
    totals: {
      transfers: Object.fromEntries(totals.transfers),
      files: Object.fromEntries(totals.files),
      storedBytes: totals.storedBytes,
    },
    sessions: listed.slice(0, MAX_LISTED).map(({ progress, rate }) => describe(progress, rate)),
    recent: totals.recent.map(({ transfer, peer, end, text, stored, failed, bytes, elapsed, stats }) => ({
      transfer,
      peer,
      end,
      text,
      stored,
      failed,
      bytes,
      elapsedMs: Math.round(elapsed),
      missing: missingRate(stats),
    })),
  });
  return text.replaceAll('<', '\\u003c');
}

function describe(
  { transfer, peer, name, bytes, bytesTotal, elapsed, srtt, stats }: ReceiveProgress,
  rate: BytesPerMilli,
): object {
  return {
    transfer,
    peer,
    file: name === undefined ? null : printable(name, { max: MAX_COLUMNS }),
    bytes,
    bytesTotal,
    bytesPerSecond: perSecond(rate),
    srttMs: srtt === undefined ? null : Number(srtt.toPrecision(3)),
    missing: Number(missingRate(stats).toPrecision(3)),
    elapsedMs: Math.round(elapsed),
  };
}

const perSecond = (rate: BytesPerMilli): number => Math.round(rate * 1000);
