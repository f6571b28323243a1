import type { Bytes } from '../base/units.ts';
import { ANY_ADDRESS, payloadOf } from '../net/interface-mtu.ts';
import { isTransparent, type LiveChannels } from '../net/live-channels.ts';
import { type SessionConfig, sessionConfig } from '../session/config.ts';
import { MAX_DATAGRAM, MIN_DATAGRAM } from '../wire/limits.ts';

/** What decides the size of datagrams. */
interface Choices {
  readonly mtu?: Bytes | undefined;
  readonly session?: Partial<SessionConfig> | undefined;
}

/** For the side that calls. Experiments do not depend on the machine's network: through a bad one datagrams stay small. */
export function callerConfig({ mtu, session }: Choices, channels: LiveChannels): SessionConfig {
  const maxDatagram = isTransparent(channels) || mtu !== undefined ? MAX_DATAGRAM : MIN_DATAGRAM;
  return sessionConfig({ maxDatagram, ...session });
}

/**
 * For the side that is called: it cannot know which interface leads to a caller, so it sends small datagrams unless told
 * an MTU.
 */
export function answererConfig(
  { address, mtu, session }: Choices & { readonly address?: string | undefined },
  channels: LiveChannels,
): SessionConfig {
  const most = isTransparent(channels) ? MAX_DATAGRAM : MIN_DATAGRAM;
  const maxDatagram = mtu === undefined ? most : payloadOf(mtu, address ?? ANY_ADDRESS);
  const sendLimit = mtu === undefined ? MIN_DATAGRAM : payloadOf(mtu, address ?? '::');
  return sessionConfig({ maxDatagram, sendLimit, ...session });
}
