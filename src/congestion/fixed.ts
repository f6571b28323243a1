import type { Bytes } from '../base/units.ts';
import type { CongestionController } from './controller.ts';

/** No congestion control: the ARQ window alone limits. For experiments; not for networks shared with others (RFC 8085 section 3.1). */
export class FixedController implements CongestionController {
  readonly name = 'fixed';
  readonly cwnd: Bytes = Number.POSITIVE_INFINITY;
  readonly pacingRate = undefined;

  onAck(): void {}
  onLoss(): void {}
  reset(): void {}
}
