import fc from 'fast-check';

/** The seed whose cases are the same in every run. */
const BASE_SEED = 20_261_120;
const { UDPCP_RUNS = '1000', UDPCP_SEED } = process.env;
const RUNS = Number(UDPCP_RUNS);

/**
 * Demands that `holds` does not throw, for the examples, for UDPCP_RUNS / 2 cases that are always the same, and for as many that are new
 * each time. With UDPCP_SEED, which a failure prints, only for the cases of that seed. `share` runs fewer.
 */
export function demandLaw<T>(
  cases: fc.Arbitrary<T>,
  holds: (value: T) => void,
  examples: readonly T[] = [],
  share = 1,
): void {
  const law = fc.property(cases, holds);
  const check = (seed: number, numRuns: number): void => {
    fc.assert(law, { seed, numRuns: Math.ceil(numRuns), examples: examples.map((example) => [example]) });
  };
  if (UDPCP_SEED !== undefined) {
    check(Number(UDPCP_SEED), RUNS * share);
    return;
  }
  const fresh = Math.floor(Math.random() * 2 ** 31);
  console.log(`seeds ${BASE_SEED} and ${fresh}`);
  check(BASE_SEED, (RUNS * share) / 2);
  check(fresh, (RUNS * share) / 2);
}
