import { describe, expect, test } from 'vitest';
import { ARQ_STRATEGIES, DEFAULT_WINDOWS } from '../../src/arq/registry.ts';

// The table of every textbook: what the sender may have in flight, what the receiver does.
describe.each([
  { arq: 'stop-and-wait', windowOf64: 1, keepsOutOfOrder: false, acknowledgesEach: true },
  { arq: 'go-back-n', windowOf64: 64, keepsOutOfOrder: false, acknowledgesEach: true },
  { arq: 'selective-repeat', windowOf64: 64, keepsOutOfOrder: true, acknowledgesEach: false },
] as const)('$arq', ({ arq, windowOf64, ...rest }) => {
  test('is what the textbooks say', () => {
    expect(ARQ_STRATEGIES[arq]).toMatchObject({ name: arq, ...rest });
    expect(ARQ_STRATEGIES[arq].windowLimit(64)).toBe(windowOf64);
    expect(DEFAULT_WINDOWS[arq]).toBeGreaterThanOrEqual(windowOf64);
  });
});
