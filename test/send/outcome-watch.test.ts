import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OutcomeWatch } from '../../src/send/outcome-watch.ts';
import { type EntryOutcome, HAD_NOTHING } from '../../src/transfer/outcome.ts';

const outcome: EntryOutcome = {
  ...HAD_NOTHING,
  status: 'stored',
  code: 0,
  text: new Uint8Array(),
  size: 0,
  digest: undefined,
};

test('each outcome is told once, when it is first seen, in whatever order they become known', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(9))), (rounds) => {
      const told: number[] = [];
      const watch = new OutcomeWatch((index) => told.push(index));
      const outcomes: (EntryOutcome | undefined)[] = Array.from({ length: 10 });
      const all = new Set<number>();
      for (const known of rounds) {
        for (const index of known) {
          outcomes[index] = outcome;
          all.add(index);
        }
        watch.look(outcomes);
        expect(told.toSorted()).toEqual([...all].sort());
      }
    }),
  );
});
