import { expect, test } from 'vitest';
import { EXIT, exitCodesHelp } from '../../src/cli/exit-codes.ts';

test('EXIT keeps the codes that scripts rely on', () => {
  expect(EXIT).toEqual({
    ok: 0,
    usage: 2,
    refused: 3,
    unreachable: 4,
    source: 5,
    store: 6,
    integrity: 7,
    partial: 8,
    bug: 70,
    hangup: 129,
    interrupt: 130,
    terminate: 143,
  });
});

test('exitCodesHelp() says what each code means', () => {
  const [heading, ...lines] = exitCodesHelp().split('\n');
  expect(heading).toBe('Exit codes:');
  expect(lines.map((line) => Number(/^ {2}(\d+) +\S/.exec(line)?.[1]))).toEqual(Object.values(EXIT));
});
