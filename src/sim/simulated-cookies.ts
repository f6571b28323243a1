import type { Millis } from '../base/units.ts';
import type { CookieJar } from '../session/ports.ts';
import type { ConnectionId } from '../wire/connection-id.ts';
import { COOKIE } from '../wire/hello.ts';

const LIFETIME: Millis = 30_000;

/** Cookies for simulations: they expire and are bound to address and attempt as real ones, but anyone could bake them. */
export const simulatedCookies: CookieJar = {
  bake(now, address, initiatorId) {
    const cookie = new Uint8Array(COOKIE);
    const view = new DataView(cookie.buffer);
    view.setUint32(0, Math.floor(now / 1000));
    view.setUint32(4, mix(address, initiatorId));
    cookie[8] = 1;
    return cookie;
  },
  isValid(now, address, initiatorId, cookie) {
    const view = new DataView(cookie.buffer, cookie.byteOffset);
    const age = now - view.getUint32(0) * 1000;
    return age >= 0 && age <= LIFETIME && view.getUint32(4) === mix(address, initiatorId) && cookie[8] === 1;
  },
};

function mix(address: string, { hi, lo }: ConnectionId): number {
  let hash = hi ^ Math.imul(lo, 0x9e3779b1);
  for (let i = 0; i < address.length; i++) hash = Math.imul(hash ^ address.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
