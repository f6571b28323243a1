import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TransferResult } from '../../src/sim/simulate-transfer.ts';
import { record } from './choices.ts';
import { FaultCount } from './fault-count.ts';
import { demandLaw, isThorough } from './law.ts';
import { REGRESSIONS } from './regressions.ts';
import { type Run, runCut, runScenario } from './run-scenario.ts';
import { type Scenario, scenarios } from './scenario.ts';
import { demandClearEnd, demandSafety, demandSuccess } from './verdict.ts';

function count(faults: FaultCount, { forward, backward }: TransferResult): void {
  faults.add(forward);
  faults.add(backward);
}

function demandDelivery(scenario: Scenario): Run {
  const run = runScenario(scenario);
  demandSafety(run);
  demandSuccess(run);
  return run;
}

test.each(Object.entries(REGRESSIONS))('not again: %s', (_, scenario) => {
  demandDelivery(scenario);
});

test('files arrive exactly through any channel, and soon after its faults are over', () => {
  const faults = new FaultCount();
  const outcomes = new Set<string>();
  let skippedNumbers = 0;
  demandLaw(scenarios, (scenario) => {
    const { result, ...run } = demandDelivery(scenario);
    skippedNumbers += run.skippedNumbers;
    count(faults, result);
    for (const outcome of result.end?.outcomes ?? []) outcomes.add(outcome?.status ?? 'unknown');
  });
  if (!isThorough) return;
  expect(faults.missing).toEqual([]);
  expect(skippedNumbers).toBeGreaterThan(100); // and no honest peer ever named one
  expect([...outcomes].sort()).toEqual(['failed', 'refused', 'skipped', 'stored']);
});

const cuts = record({
  at: fc.oneof(fc.nat(2000), fc.nat(60_000)),
  direction: fc.constantFrom('forward', 'backward', 'both'),
});

test('where the channels are cut for good both sides end, and nothing half is published', () => {
  const ends = new Set<string>();
  const cases = record({ scenario: scenarios, cut: cuts, timeout: fc.integer({ min: 1000, max: 60_000 }) });
  demandLaw(cases, ({ scenario, cut, timeout }) => {
    const run = runCut(scenario, cut, timeout);
    demandSafety(run);
    demandClearEnd(run);
    ends.add(`sender ${run.result.end?.kind}`);
    if (run.result.incomingEnd !== undefined) ends.add(`receiver ${run.result.incomingEnd.kind}`);
  });
  if (!isThorough) return;
  // Too rare to be demanded.
  for (const rare of ['receiver no-progress', 'sender no-progress', 'sender restart', 'sender closed-by-peer'])
    ends.delete(rare);
  const both = ['complete', 'silence'].flatMap((kind) => [`receiver ${kind}`, `sender ${kind}`]);
  expect(ends).toEqual(new Set([...both, 'sender no-session']));
});
