import { test } from 'vitest';
import { measure, theory } from './efficiency.ts';
test('one', () => {
    const cell = JSON.parse(process.env.CELL ?? '{}');
    const m = measure(cell, Number(process.env.N ?? 3000), 1), t = theory(cell);
    console.log(cell, t.toFixed(4), m.toFixed(4), ((m / t - 1) * 100).toFixed(2) + '%');
}, 600000);
