import type { Prng } from '../base/prng.ts';
import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';
import type { DeliveryRate, RateSample } from '../recovery/delivery-rate.ts';
import type { RttEstimator } from '../recovery/rtt-estimator.ts';
import type { SentPacket } from '../recovery/sent-packet.ts';

/** What one ACK frame newly acknowledged, lost-by-mistake packets excluded. */
export interface AckSample {
  readonly packets: readonly SentPacket[];
  readonly bytes: Bytes;
  /** What is in flight after it. */
  readonly bytesInFlight: Bytes;
  /** How fast the path delivered. */
  readonly sample: RateSample;
}

/** Decides how much may be in flight and how fast it leaves; hears events in bytes (RFC 9002 section 7). */
export interface CongestionController {
  readonly name: string;
  /** Most bytes that may be in flight. */
  readonly cwnd: Bytes;
  /** How fast datagrams may leave; undefined: no pacing. */
  readonly pacingRate: BytesPerMilli | undefined;
  /** An ack-eliciting packet left. */
  onSent?(now: Millis, packet: SentPacket): void;
  onAck(now: Millis, ack: AckSample): void;
  /** `persistent`: everything was lost for so long that the estimate of the path is void (RFC 9002 section 7.6). */
  onLoss(now: Millis, lost: readonly SentPacket[], persistent: boolean): void;
  /** Every packet lost since the window was last reduced had arrived: there was no cause (RFC 4015). */
  onSpuriousLosses?(): void;
  /** The machine slept: no more than at the start may leave before the path has answered again. */
  onSuspension?(now: Millis): void;
  /** Another path: start over. */
  reset(): void;
}

/** What a controller is created from. */
export interface ControllerContext {
  /** Changes while the session lives: read it at every use. */
  readonly maxDatagram: Bytes;
  /** The rate that the user says the path takes; undefined: nothing is known of it. */
  readonly startRate?: BytesPerMilli | undefined;
  readonly rtt: RttEstimator;
  readonly delivery: DeliveryRate;
  readonly prng: Prng;
}
