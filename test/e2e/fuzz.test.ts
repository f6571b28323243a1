import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, useBench } from './processes.ts';

const FUZZ = [process.execPath, join(ROOT, 'fuzz/fuzz.js')] as const;
const bench = useBench();

test('the corpus, and a few thousand inputs more, break no decoder', async () => {
  const { code, stdout } = await bench.start(['decoders', '--count', '5000'], { command: FUZZ }).ended;
  expect(stdout).toMatch(/^seed \d+\n(?:.*\n)*\d\d inputs of the corpus and 5000 new ones/);
  expect({ code, faults: stdout.match(/FAULT.*/g) }).toEqual({ code: 0, faults: null });
});

test('live sessions, encrypted and not, between hands that change datagrams: no wrong file, no crash, and all end', async () => {
  const { code, stdout } = await bench.start(['session', '--count', '8000', '--seed', '1'], { command: FUZZ }).ended;
  expect(stdout).toMatch(/^80 sessions, \d{4,} datagrams changed/m);
  expect(stdout).toMatch(/\d noise complete.*\d noise-psk complete.*\d plain violation/);
  expect({ code, faults: stdout.match(/FAULT.*/g) }).toEqual({ code: 0, faults: null });
});
