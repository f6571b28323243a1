import type { Bytes, BytesPerMilli, Millis, StreamOffset } from '../base/units.ts';
import type { ControllerName } from '../congestion/registry.ts';
import type { ConnectionId } from '../wire/connection-id.ts';
import { type ArqName, KEY_AGREEMENT, type ProtectionName, type Terms } from '../wire/terms.ts';
import type { SessionConfig } from './config.ts';

/** What holds in one session: agreed in the handshake, or one end's own. */
export interface SessionTerms {
  readonly role: 'initiator' | 'acceptor';
  readonly localId: ConnectionId;
  readonly remoteId: ConnectionId;
  readonly protection: ProtectionName;
  readonly arq: ArqName;
  readonly window: number;
  readonly maxDatagram: Bytes;
  /** The largest datagram this end sends, probes included, whatever the path may carry. */
  readonly sendLimit: Bytes;
  readonly idleTimeout: Millis;
  /** Stream bytes we may send before any CREDIT. */
  readonly sendCredit: StreamOffset;
  /** Stream bytes the peer may be ahead of us at first, and what that may grow to. */
  readonly receiveCredit: Bytes;
  readonly maxReceiveCredit: Bytes;
  readonly maxAckDelay: Millis;
  readonly peerMaxAckDelay: Millis;
  readonly ackEvery: number | undefined;
  readonly congestion: ControllerName;
  readonly backoffFactor: number;
  readonly maxRate: BytesPerMilli | undefined;
  readonly minimumBurst: Bytes | undefined;
}

/** What an end asks for or settles, in the handshake's terms; the key agreement is yet to be filled in. */
export function offeredTerms(config: SessionConfig, protection: ProtectionName): Terms {
  return {
    protection,
    suite: protection === 'plain' ? 0 : 1,
    arq: config.arq,
    window: config.window,
    maxDatagram: config.maxDatagram,
    idleTimeout: Math.round(config.idleTimeout),
    credit: 0 + config.creditWindow,
    maxAckDelay: Math.round(config.maxAckDelay),
    keyAgreement: new Uint8Array(KEY_AGREEMENT),
  };
}

/** The acceptor's answer: the initiator's protection and ARQ, and the smaller of each limit. */
export function settleTerms(config: SessionConfig, hello: Terms): Terms {
  return {
    ...offeredTerms(config, hello.protection),
    arq: hello.arq,
    window: Math.min(hello.window, config.window),
    maxDatagram: Math.min(hello.maxDatagram, config.maxDatagram),
    idleTimeout: Math.min(hello.idleTimeout, Math.round(config.idleTimeout)),
  };
}

/** Whether an ACCEPT keeps within what the HELLO asked for. */
export function isWithin(accept: Terms, hello: Terms): boolean {
  return (
    accept.protection === hello.protection &&
    accept.suite === hello.suite &&
    accept.arq === hello.arq &&
    accept.window <= hello.window &&
    accept.maxDatagram <= hello.maxDatagram &&
    accept.idleTimeout <= hello.idleTimeout
  );
}

/** What one end works with, from its own config, the settled limits and what the peer said of itself. */
export function sessionTerms(
  role: SessionTerms['role'],
  config: SessionConfig,
  ids: { readonly localId: ConnectionId; readonly remoteId: ConnectionId },
  settled: Terms,
  peer: Terms,
): SessionTerms {
  const { congestion, ackEvery, backoffFactor, maxRate, minimumBurst, creditWindow, maxCreditWindow } = config;
  const { protection, arq, window, maxDatagram, idleTimeout } = settled;
  return {
    role,
    ...ids,
    protection,
    arq,
    window,
    maxDatagram,
    sendLimit: Math.min(maxDatagram, config.sendLimit ?? maxDatagram),
    idleTimeout,
    sendCredit: peer.credit,
    receiveCredit: creditWindow,
    maxReceiveCredit: maxCreditWindow,
    maxAckDelay: Math.round(config.maxAckDelay),
    peerMaxAckDelay: peer.maxAckDelay,
    ackEvery,
    congestion,
    backoffFactor,
    maxRate,
    minimumBurst,
  };
}
