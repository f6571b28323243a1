import { expect, test } from 'vitest';
import { measureEfficiency } from './measure-efficiency.ts';
import { type Cell, roundTrip, theoreticalEfficiency } from './theory.ts';

const SEED = 1;
const LOSSES = [0, 0.01, 0.05, 0.1, 0.2];
const WINDOWS = { 'stop-and-wait': [1], 'go-back-n': [1, 4, 16, 64], 'selective-repeat': [1, 4, 16, 64] } as const;
const ARQS = ['stop-and-wait', 'go-back-n', 'selective-repeat'] as const;
const MAX_DEVIATION = 0.05;

/** Where theory spreads a window over the round trip: so too; and at once, with its own theory, if that is cheap. */
function sendings({ arq, a, window }: Pick<Cell, 'arq' | 'a' | 'window'>): readonly Cell['sending'][] {
  const differs = arq === 'go-back-n' && window > 1 && window < roundTrip(a);
  if (!differs) return ['at-once'];
  return window <= 16 ? ['spread', 'at-once'] : ['spread'];
}

const CELLS: readonly Cell[] = ARQS.flatMap((arq) =>
  [2, 50].flatMap((a) =>
    WINDOWS[arq].flatMap((window) =>
      sendings({ arq, a, window }).flatMap((sending) => LOSSES.map((loss) => ({ arq, a, window, loss, sending }))),
    ),
  ),
);

const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;

const HEADING = `Share of the link's capacity that delivers new packets; a: propagation delay in transmission times.
error: one standard deviation of what chance does. spread: the window leaves evenly over a round trip, as the textbook
formula for go-back-n has it; at-once: it leaves back to back, whose formula is in theory.ts.

strategy          a    W   sending    p      theory   measured deviation  error
`;

test('every strategy uses the share of the link that theory gives it, within 5 %', { timeout: 300_000 }, async () => {
  const rows = CELLS.map((cell) => {
    const theory = theoreticalEfficiency(cell);
    const { efficiency, error } = measureEfficiency(cell, SEED);
    const deviation = efficiency / theory - 1;
    const text = [
      cell.arq.padEnd(18),
      String(cell.a).padEnd(5),
      String(cell.window).padEnd(4),
      cell.sending.padEnd(11),
      `${100 * cell.loss}%`.padEnd(7),
      theory.toFixed(5).padEnd(9),
      efficiency.toFixed(5).padEnd(9),
      percent(deviation).padStart(9),
      percent(error).padStart(7),
    ].join('');
    return { text, deviation };
  });
  expect(rows.filter(({ deviation }) => !(Math.abs(deviation) <= MAX_DEVIATION)).map(({ text }) => text)).toEqual([]);
  await expect(`${HEADING}${rows.map(({ text }) => `${text}\n`).join('')}`).toMatchFileSnapshot('efficiency.snap.txt');
});
