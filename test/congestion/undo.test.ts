import { describe, expect, test } from 'vitest';
import { CubicController } from '../../src/congestion/cubic.ts';
import { NewRenoController } from '../../src/congestion/new-reno.ts';
import { RttEstimator } from '../../src/recovery/rtt-estimator.ts';
import { MSS, packet } from './packets.ts';

const INITIAL = 64 * MSS;

describe.each([
  ['new-reno', NewRenoController],
  ['cubic', CubicController],
] as const)('%s, told that the losses were none,', (_name, Controller) => {
  const begun = (): InstanceType<typeof Controller> => new Controller({ maxDatagram: MSS, rtt: new RttEstimator() });

  test('has the window it had', () => {
    const controller = begun();
    controller.onLoss(100, [packet(50)], false);
    expect(controller.cwnd).toBeLessThan(INITIAL);
    controller.onSpuriousLosses();
    expect(controller.cwnd).toBe(INITIAL);
  });

  test('answers the next loss, though it was sent before', () => {
    const controller = begun();
    controller.onLoss(100, [packet(50)], false);
    const reduced = controller.cwnd;
    controller.onSpuriousLosses();
    controller.onLoss(110, [packet(60)], false);
    expect(controller.cwnd).toBe(reduced);
  });

  test('does not take back what persistent congestion did, nor anything twice', () => {
    const controller = begun();
    controller.onLoss(5000, [packet(50), packet(4000)], true);
    controller.onSpuriousLosses();
    expect(controller.cwnd).toBe(2 * MSS);
    controller.onSpuriousLosses();
    expect(controller.cwnd).toBe(2 * MSS);
  });
});
