import { DEFAULT_WINDOWS } from '../arq/registry.ts';
import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';
import type { ControllerName } from '../congestion/registry.ts';
import { MIN_DATAGRAM } from '../wire/limits.ts';
import type { ArqName } from '../wire/terms.ts';

/** How a session behaves. What both ends must agree on goes through the handshake; the rest is each end's own. */
export interface SessionConfig {
  /** Asked for by the initiator; an acceptor takes any. */
  readonly arq: ArqName;
  /** Most packets with DATA in flight, 1..1,048,576; the smaller of both ends' holds. */
  readonly window: number;
  readonly congestion: ControllerName;
  /** Largest datagram to receive, 1200..65507; the smaller of both ends' holds. A session begins with 1200 and searches upward. */
  readonly maxDatagram: Bytes;
  /** Largest datagram to send ourselves, what our interface carries whole; undefined: `maxDatagram`. */
  readonly sendLimit?: Bytes | undefined;
  /** Silence that ends a session, 1 s..1 day; the smaller of both ends' holds. */
  readonly idleTimeout: Millis;
  /** How long the initiator says HELLO without an answer. */
  readonly connectTimeout: Millis;
  /** Stream bytes the peer may be ahead of our application, at first. */
  readonly creditWindow: Bytes;
  /** What that may grow to where the path needs it. */
  readonly maxCreditWindow: Bytes;
  /** Selective repeat: the longest we delay an ACK, 0..1000 ms. */
  readonly maxAckDelay: Millis;
  /** Selective repeat: an ACK with every so many ack-eliciting packets; undefined: as the path asks for. */
  readonly ackEvery: number | undefined;
  /** A timeout that expires is multiplied by this: 2 on networks (RFC 6298 section 5.5), 1 in textbook experiments. */
  readonly backoffFactor: number;
  /** Never send faster than this; undefined: no cap. */
  readonly maxRate: BytesPerMilli | undefined;
  /** Bytes that may leave back to back; undefined: two small datagrams, or what two milliseconds take (RFC 9002 section 7.7). */
  readonly minimumBurst: Bytes | undefined;
}

const DEFAULTS: Omit<SessionConfig, 'window'> = {
  arq: 'selective-repeat',
  congestion: 'bbr',
  maxDatagram: MIN_DATAGRAM,
  idleTimeout: 30_000,
  connectTimeout: 10_000,
  creditWindow: 8 * 1024 * 1024,
  maxCreditWindow: 64 * 1024 * 1024,
  maxAckDelay: 25, // RFC 9000 section 18.2
  ackEvery: undefined,
  backoffFactor: 2,
  maxRate: undefined,
  minimumBurst: undefined,
};

/** Without congestion control the window alone protects the network. */
const UNCONTROLLED_WINDOW = 64;

/** Defaults with some choices of one's own; where no window is given it follows from the ARQ and the controller. */
export function sessionConfig(choices: Partial<SessionConfig> = {}): SessionConfig {
  const config = { ...DEFAULTS, ...choices };
  const most = config.congestion === 'fixed' ? UNCONTROLLED_WINDOW : Number.POSITIVE_INFINITY;
  return { ...config, window: choices.window ?? Math.min(DEFAULT_WINDOWS[config.arq], most) };
}
