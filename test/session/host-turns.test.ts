import { expect, test } from 'vitest';
import { HostTurns } from '../../src/session/host-turns.ts';

test('a host that had its turn has the next one too', () => {
  const turns = new HostTurns(250);
  expect(turns.has(0, '192.0.2.1')).toBe(false);
  turns.add(0, '192.0.2.1');
  expect(turns.has(249, '192.0.2.1')).toBe(true);
  expect(turns.has(249, '192.0.2.2')).toBe(false);
  expect(turns.has(250, '192.0.2.1')).toBe(false);
});

test('neighbours rarely share a turn', () => {
  const turns = new HostTurns(250);
  let shared = 0;
  for (let i = 0; i < 1000; i++) {
    const host = `10.0.${i >> 8}.${i & 255}`;
    if (turns.has(0, host)) shared++;
    turns.add(0, host);
  }
  expect(shared).toBeLessThan(100);
});
