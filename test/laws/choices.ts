import fc from 'fast-check';
import { ARQ_STRATEGIES } from '../../src/arq/registry.ts';
import type { ArqName } from '../../src/wire/terms.ts';

export const ARQ_NAMES = Object.keys(ARQ_STRATEGIES) as readonly ArqName[];

const inOneOf =
  (cases: number) =>
  <T>(yes: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.oneof({ weight: cases - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: yes });

/** `yes` in half of the cases: many features at once, and many alone (swarm testing). */
export const sometimes = inOneOf(2);

/** `yes` in one case of eight. */
export const rarely = inOneOf(8);

/** A record whose counterexamples print as they would be written. */
export const record = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record<T>(fields, { noNullPrototype: true });
