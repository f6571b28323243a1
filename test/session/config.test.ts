import { describe, expect, test } from 'vitest';
import { sessionConfig } from '../../src/session/config.ts';

describe('sessionConfig', () => {
  test.each([
    { choices: {}, window: 16_384 },
    { choices: { arq: 'go-back-n' }, window: 64 },
    { choices: { arq: 'stop-and-wait' }, window: 1 },
    { choices: { window: 8 }, window: 8 },
    { choices: { congestion: 'fixed' }, window: 64 },
    { choices: { congestion: 'fixed', window: 5000 }, window: 5000 },
    { choices: { congestion: 'fixed', arq: 'stop-and-wait' }, window: 1 },
  ] as const)('$choices: a window of $window', ({ choices, window }) => {
    expect(sessionConfig(choices)).toMatchObject({ ...choices, window });
  });

  test('what was not chosen has the values of the RFCs', () => {
    expect(sessionConfig()).toMatchObject({
      arq: 'selective-repeat',
      congestion: 'bbr',
      maxDatagram: 1200,
      idleTimeout: 30_000,
      maxAckDelay: 25,
      ackEvery: undefined,
      backoffFactor: 2,
    });
  });
});
