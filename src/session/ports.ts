import type { Prng } from '../base/prng.ts';
import type { Millis } from '../base/units.ts';
import type { ConnectionId } from '../wire/connection-id.ts';

/** Makes and checks the proof that an address is real, without keeping state (PROTOCOL.md, section "Cookie"). */
export interface CookieJar {
  /** 24 bytes for this address and session attempt, not all zero. */
  bake(now: Millis, address: string, initiatorId: ConnectionId): Uint8Array;
  /** True for a cookie baked for the same address and attempt, not too long ago. */
  isValid(now: Millis, address: string, initiatorId: ConnectionId, cookie: Uint8Array): boolean;
}

/** Draws a connection id. */
export function drawId(prng: Prng): ConnectionId {
  return { hi: prng.nextUint32(), lo: prng.nextUint32() };
}
