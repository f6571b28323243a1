import { expect, test } from 'vitest';
import { demandLaw, isThorough } from './law.ts';
import { runScenario } from './run-scenario.ts';
import { type Scenario, scenarios } from './scenario.ts';
import { demand } from './side-invariants.ts';

const historyOf = (scenario: Scenario): string => {
  const { eventHash, events, time } = runScenario(scenario).result;
  return `${eventHash} ${events} ${time}`;
};

/** The first file is enough, and a part of it. */
const cases = scenarios.map(({ files, ...rest }) => ({
  ...rest,
  files: files.slice(0, 1).map((file) => ({ ...file, size: Math.min(file.size, 100_000) })),
}));

test('equal scenarios have equal histories, and different seeds different ones', () => {
  const seeds = new Map<string, number>();
  demandLaw(cases, (scenario) => {
    const history = historyOf(scenario);
    demand(historyOf(scenario) === history, 'a scenario has one history', history);
    const seed = seeds.get(history) ?? scenario.seed;
    demand(seed === scenario.seed, 'another seed has another history', history, seed);
    seeds.set(history, seed);
  });
  if (isThorough) expect(seeds.size).toBeGreaterThan(1);
});
