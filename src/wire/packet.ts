import { ACCEPT_TYPE, type Accept, decodeAccept } from './accept.ts';
import { COOKIE_TYPE, type Cookie, decodeCookie } from './cookie.ts';
import { decodeHello, HELLO_TYPE, type Hello, type UnknownVersion } from './hello.ts';
import { type Malformed, malformed } from './malformed.ts';
import { isProtectedType, type ProtectedPacket, readProtectedHeader } from './protected-header.ts';
import { decodeRefuse, REFUSE_TYPE, type Refuse } from './refuse.ts';
import { decodeVersion, VERSION_TYPE, type Version } from './version.ts';

/** A datagram is one packet. */
export type Packet = Hello | Cookie | Accept | Version | Refuse | ProtectedPacket;

/**
 * Any bytes at all give a packet or a reason. Never throws. Of a handshake packet everything is checked, the CRC too;
 * of a protected one only that the header is there.
 */
export function decodePacket(datagram: Uint8Array): Packet | UnknownVersion | Malformed {
  const type = datagram[0];
  if (type === undefined) return malformed('truncated');
  if (isProtectedType(type)) return readProtectedHeader(datagram);
  switch (type) {
    case HELLO_TYPE:
      return decodeHello(datagram);
    case COOKIE_TYPE:
      return decodeCookie(datagram);
    case ACCEPT_TYPE:
      return decodeAccept(datagram);
    case VERSION_TYPE:
      return decodeVersion(datagram);
    case REFUSE_TYPE:
      return decodeRefuse(datagram);
    default:
      return malformed('type');
  }
}
