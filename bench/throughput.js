import { median, spread } from './statistics.js';

/** Milliseconds that one sample takes at least. */
const SAMPLE = 100;

/** Measures `work(count)`, which does something `count` times: how long one takes, in ms, and how far the samples spread. */
export function measure(work, runs) {
  let count = 1;
  while (timeOf(work, count) < SAMPLE) count *= 2;
  const samples = Array.from({ length: runs }, () => timeOf(work, count) / count);
  return { each: median(samples), spread: spread(samples) };
}

function timeOf(work, count) {
  const startedAt = performance.now();
  work(count);
  return performance.now() - startedAt;
}
