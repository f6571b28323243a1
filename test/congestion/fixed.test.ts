import { expect, test } from 'vitest';
import { CONTROLLERS } from '../../src/congestion/registry.ts';

test('fixed neither limits nor paces: the ARQ window alone does', () => {
  const controller = CONTROLLERS.fixed();
  expect(controller.cwnd).toBe(Number.POSITIVE_INFINITY);
  expect(controller.pacingRate).toBeUndefined();
});
