import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';

const THREE_DIGITS = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const PERCENT = new Intl.NumberFormat('en', { style: 'percent', maximumSignificantDigits: 3 });

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P'];

/** `1.5 MB`, decimal, three digits. */
export function formatSize(bytes: Bytes): string {
  return scale(bytes, 'B');
}

/** Bytes per second, beside sizes in bytes: `2.5 MB/s`. */
export function formatByteRate(rate: BytesPerMilli): string {
  return scale(rate * 1000, 'B/s');
}

/** Bits per second, as networks are sold: `20 Mbit/s`. */
export function formatBitRate(rate: BytesPerMilli): string {
  return scale(rate * 8000, 'bit/s');
}

/** `250 ms`, `1.5 s`, `1 m 05 s`, `2 h 03 m`. */
export function formatDuration(span: Millis): string {
  if (span < 999.5) return `${THREE_DIGITS.format(span)} ms`;
  if (span < 59_950) return `${THREE_DIGITS.format(span / 1000)} s`;
  const seconds = Math.round(span / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${pad(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} m`;
}

/** A ratio: 0.05 as `5%`. */
export function formatPercent(ratio: number): string {
  return PERCENT.format(ratio);
}

/** A count with its noun: `1 file`, `12,345 files`. */
export function formatCount(count: number, noun: string): string {
  return `${WHOLE.format(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function scale(value: number, unit: string): string {
  let index = 0;
  // 999.5 would be rounded to 1,000 of the smaller unit.
  while (value >= 999.5 && index < PREFIXES.length - 1) {
    value /= 1000;
    index += 1;
  }
  return `${THREE_DIGITS.format(value)} ${PREFIXES[index]}${unit}`;
}

function pad(count: number): string {
  return String(count).padStart(2, '0');
}
