import { test } from 'vitest';
import { measureEfficiency } from './measure-efficiency.ts';
import { theoreticalEfficiency } from './theory.ts';

test('bias', { timeout: 1e6 }, () => {
  for (const sending of ['spread', 'at-once'] as const)
    for (const loss of [0.05]) {
      const cell = { arq: 'go-back-n', a: 50, window: 64, loss, sending } as const;
      const t = theoreticalEfficiency(cell);
      const ds = [];
      for (let seed = 1; seed <= 10; seed++) ds.push(100 * (measureEfficiency(cell, seed).efficiency / t - 1));
      console.log(
        sending,
        loss,
        ds.map((d) => d.toFixed(2)).join(' '),
        'mean',
        (ds.reduce((a, b) => a + b) / ds.length).toFixed(2),
      );
    }
});
