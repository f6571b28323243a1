import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';

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
  if (span < 999.5) return `${threeDigits(span)} ms`;
  if (span < 59_950) return `${threeDigits(span / 1000)} s`;
  const seconds = Math.round(span / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${pad(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} m`;
}

/** How long ago, in its largest unit: `42 s`, `7 m`, `12 h`, `3 d`. */
export function formatAge(span: Millis): string {
  const minutes = Math.floor(span / 60_000);
  if (minutes < 1) return `${Math.floor(span / 1000)} s`;
  if (minutes < 60) return `${minutes} m`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} d`;
}

/** As clocks show it: `0:12`, `10:00`, `2:03:04`; begun seconds count. */
export function formatClock(span: Millis): string {
  const seconds = Math.ceil(span / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return `${hours > 0 ? `${hours}:${pad(minutes)}` : minutes}:${pad(seconds % 60)}`;
}

/** A ratio: 0.05 as `5%`. */
export function formatPercent(ratio: number): string {
  return `${threeDigits(100 * ratio)}%`;
}

/** A count with its noun: `1 file`, `12,345 files`. */
export function formatCount(count: number, noun: string): string {
  return `${formatInteger(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `12,345`. */
export function formatInteger(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

function scale(value: number, unit: string): string {
  let index = 0;
  // 999.5 would be rounded to 1,000 of the smaller unit.
  while (value >= 999.5 && index < PREFIXES.length - 1) {
    value /= 1000;
    index += 1;
  }
  return `${threeDigits(value)} ${PREFIXES[index]}${unit}`;
}

/** Not by Intl.NumberFormat: it takes as long to load as a small file takes to send. */
function threeDigits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function pad(count: number): string {
  return String(count).padStart(2, '0');
}
