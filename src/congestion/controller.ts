import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';
import type { RttEstimator } from '../recovery/rtt-estimator.ts';
import type { SentPacket } from '../recovery/sent-packets.ts';

/** What one ACK frame newly acknowledged, lost-by-mistake packets excluded. */
export interface AckSample {
  readonly packets: readonly SentPacket[];
  readonly bytes: Bytes;
  readonly bytesInFlight: Bytes;
}

/** Decides how much may be in flight and how fast it leaves; hears events in bytes (RFC 9002 section 7). */
export interface CongestionController {
  readonly name: string;
  /** Most bytes that may be in flight. */
  readonly cwnd: Bytes;
  /** How fast datagrams may leave; undefined: no pacing. */
  readonly pacingRate: BytesPerMilli | undefined;
  onAck(now: Millis, sample: AckSample): void;
  /** `persistent`: everything was lost for so long that the estimate of the path is void (RFC 9002 section 7.6). */
  onLoss(now: Millis, lost: readonly SentPacket[], persistent: boolean): void;
  /** Another path: start over. */
  reset(): void;
}

/** What a controller is created from. */
export interface ControllerContext {
  readonly maxDatagram: Bytes;
  readonly rtt: RttEstimator;
}
