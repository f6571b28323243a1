import fc from 'fast-check';

/** The seed whose cases are the same in every run. */
const BASE_SEED = 20_261_120;
const { UDPCP_RUNS = '1000', UDPCP_SEED } = process.env;
const RUNS = Number(UDPCP_RUNS);

/** So many cases meet everything that chance can bring; fewer may miss something. */
export const isThorough = RUNS >= 500;

/**
 * Demands that `holds` does not throw: for UDPCP_RUNS / 2 cases that are always the same, and for as many that are new
 * each time. With UDPCP_SEED, as a failure prints it, only for the cases of that seed. `share` of the cases where each
 * takes long.
 */
export function demandLaw<T>(cases: fc.Arbitrary<T>, holds: (value: T) => void, share = 1): void {
  const law = fc.property(cases, holds);
  if (UDPCP_SEED !== undefined) {
    fc.assert(law, { seed: Number(UDPCP_SEED), numRuns: Math.ceil(RUNS * share) });
    return;
  }
  const fresh = Math.floor(Math.random() * 2 ** 31);
  console.log(`seeds ${BASE_SEED} and ${fresh}`);
  for (const seed of [BASE_SEED, fresh]) fc.assert(law, { seed, numRuns: Math.ceil((RUNS * share) / 2) });
}
