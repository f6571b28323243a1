import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const CORES = Math.max(2, availableParallelism());
/** Simulations of many seconds each. */
const LONG = ['test/laws/**/*.test.ts', 'test/sim/{efficiency,fairness,links,shared-bottleneck}.test.ts'];
const REAL = ['test/{e2e,hostile}/**/*.test.ts'];
/** These start many processes at once, or have timers of a second: beside them nothing else. */
const HEAVY = [
  'test/e2e/{crash-points,crowd,environment,lost-receipts,many-senders}.test.ts',
  'test/e2e/{reconnect,shared-directory,signals,suspended,usage}.test.ts',
];
const PATIENT = { testTimeout: 120_000, hookTimeout: 60_000 };

/** Projects of one group run beside each other, the groups one after another (docs/architecture.md, "Tests"). */
export default defineConfig({
  test: {
    reporters: ['default', ['json', { outputFile: '.tsbuild/test-results.json' }]],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...LONG, ...REAL],
          // One process for many files: what they import is loaded once.
          isolate: false,
          maxWorkers: CORES,
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'laws',
          include: LONG,
          maxWorkers: CORES,
          testTimeout: 600_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: REAL,
          exclude: HEAVY,
          ...PATIENT,
          maxWorkers: CORES,
          sequence: { groupOrder: 1 },
        },
      },
      { test: { name: 'alone', include: HEAVY, ...PATIENT, maxWorkers: 1, sequence: { groupOrder: 2 } } },
    ],
  },
});
