import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Millis } from '../base/units.ts';
import type { CookieJar } from '../session/ports.ts';
import { type ConnectionId, idToHex } from '../wire/connection-id.ts';
import { COOKIE } from '../wire/hello.ts';

const LIFETIME_S = 30;
const ROTATION: Millis = 120_000;
const MAC = 16;

/** Offsets in a cookie; three zero bytes end it. */
const LAYOUT = { bakedAt: 0, epoch: 4, mac: 5 } as const;

/** Cookies that only this process can bake: an HMAC over address, attempt and time, under a key that changes (PROTOCOL.md, "Cookie"). */
export class HmacCookies implements CookieJar {
  #epoch = 0;
  #key = randomBytes(32);
  #previousKey = randomBytes(32);
  #rotateAt: Millis | undefined;

  bake(now: Millis, address: string, initiatorId: ConnectionId): Uint8Array {
    this.#rotate(now);
    return this.#cookie(this.#key, this.#epoch, Math.floor(now / 1000), address, initiatorId);
  }

  isValid(now: Millis, address: string, initiatorId: ConnectionId, cookie: Uint8Array): boolean {
    this.#rotate(now);
    const view = new DataView(cookie.buffer, cookie.byteOffset, COOKIE);
    const bakedAt = view.getUint32(LAYOUT.bakedAt);
    const age = Math.floor(now / 1000) - bakedAt;
    if (age < 0 || age > LIFETIME_S) return false;
    const epoch = view.getUint8(LAYOUT.epoch);
    const key = epoch === (this.#epoch & 0xff) ? this.#key : this.#previousKey;
    return timingSafeEqual(this.#cookie(key, epoch, bakedAt, address, initiatorId), cookie);
  }

  #rotate(now: Millis): void {
    this.#rotateAt ??= now + ROTATION;
    if (now < this.#rotateAt) return;
    this.#previousKey = this.#key;
    this.#key = randomBytes(32);
    this.#epoch++;
    this.#rotateAt = now + ROTATION;
  }

  #cookie(key: Uint8Array, epoch: number, bakedAt: number, address: string, initiatorId: ConnectionId): Uint8Array {
    const cookie = new Uint8Array(COOKIE);
    const view = new DataView(cookie.buffer);
    view.setUint32(LAYOUT.bakedAt, bakedAt);
    view.setUint8(LAYOUT.epoch, epoch & 0xff);
    const text = `udpcp1 cookie ${address} ${idToHex(initiatorId)} ${bakedAt}`;
    cookie.set(createHmac('sha256', key).update(text).digest().subarray(0, MAC), LAYOUT.mac);
    return cookie;
  }
}
