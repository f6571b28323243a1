import type { DeliverySnapshot } from '../../src/recovery/delivery-rate.ts';

/** For packets whose delivery rate does not matter. */
export const UNMEASURED: DeliverySnapshot = {
  delivered: 0,
  deliveredAt: 0,
  firstSentAt: 0,
  lost: 0,
  inFlight: 0,
  appLimited: false,
  late: false,
};
