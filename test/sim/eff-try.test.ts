import { test } from 'vitest';
import { measure, theory } from './efficiency.ts';
test('table', () => {
  for (const arq of ['stop-and-wait','go-back-n','selective-repeat'] as const)
  for (const a of [2, 50]) for (const window of arq === 'stop-and-wait' ? [1] : [1, 4, 16, 64]) for (const loss of [0, 0.01, 0.05, 0.1, 0.2]) {
    const cell = { arq, a, window, loss };
    const t = theory(cell);
    const t0 = performance.now();
    const m = measure(cell, Number(process.env.N ?? 3000), 1);
    console.log(arq.padEnd(18), a, String(window).padStart(3), loss, t.toFixed(4), m.toFixed(4), ((m / t - 1) * 100).toFixed(2) + '%', (performance.now()-t0).toFixed(0));
  }
}, 600000);
