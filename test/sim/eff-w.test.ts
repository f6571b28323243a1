import { test } from 'vitest';
import { measure, theory } from './efficiency.ts';
test('w', () => {
  for (const a of [2, 10, 50]) for (const window of [2,3,4,5,6,7,8,10,12,16,24,32]) { const out = [];
   for (const loss of [0.05,0.2]) {
    const cell = { arq: 'selective-repeat', a, window, loss } as const;
    const m = measure(cell, Number(process.env.N ?? 10000), 1), t = theory(cell);
    out.push(`p ${loss}: ${((m / t - 1) * 100).toFixed(2)}%`);
  } console.log(a, window, out.join('  ')); }
}, 600000);
