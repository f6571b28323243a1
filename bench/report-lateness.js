// Loaded before a receiver (node --import): on SIGUSR2 it tells on file descriptor 3 how late timers were since it last did.
import { writeSync } from 'node:fs';

/** Between two timers, in milliseconds. */
const INTERVAL = 5;
let lateness = [];

function arm() {
  const dueAt = performance.now() + INTERVAL;
  const note = () => {
    lateness.push(Math.max(0, performance.now() - dueAt)); // the system's timers count whole milliseconds
    arm();
  };
  // A driver's timer makes a turn due: what it is for happens in the immediate that follows.
  setTimeout(() => setImmediate(note), INTERVAL).unref();
}
arm();

process.on('SIGUSR2', () => {
  const sorted = lateness.sort((a, b) => a - b);
  const at = (share) => sorted[Math.floor(share * (sorted.length - 1))];
  writeSync(3, `${JSON.stringify({ timers: sorted.length, median: at(0.5), p99: at(0.99), max: at(1) })}\n`);
  lateness = [];
});
